import { createHash, createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { type Credentials, signingKey } from '../http/sigv4.ts';
import { readBounded } from './read-bounded.ts';

/**
 * Deadline in ms of one call of an AWS service by the authorizer. Past it the handshake fails with 500.
 * @limit operator
 */
export const CALL_TIMEOUT_MS = 3_000;

/** A call of an AWS service whose protocol is JSON. */
export interface AwsCall {
  /** The service's name in signatures. */
  readonly service: string;
  readonly region: string;
  readonly url: URL;
  readonly contentType: string;
  /** The operation, for the header `X-Amz-Target`. */
  readonly target: string;
  readonly body: string;
  readonly credentials: Credentials;
  /** Time in epoch milliseconds. */
  readonly nowMs: number;
}

/** The signed parts of a call. */
export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const faultSchema = z.object({ ['__type']: z.string() });

/**
 * Sends a signed call and returns the parsed answer. Throws Error with the type of AWS's error, without any content.
 */
export async function callAws({ url, headers, body }: SignedRequest): Promise<unknown> {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  return answerIn(response.status, await readBounded(response));
}

/** Returns the parsed body of an answer. Throws Error with the type of AWS's error, without any content. */
export function answerIn(status: number, body: string): unknown {
  const answer = parsed(body);
  if (status === 200) return answer;
  throw new Error(`${faultIn(answer)} with the status ${status}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the text, which may be the secret.
    throw new Error('the answer is not JSON');
  }
}

/** Returns the type of AWS's error: `ResourceNotFoundException`, also when it stands behind a namespace. */
function faultIn(answer: unknown): string {
  const result = faultSchema.safeParse(answer);
  return result.success ? (result.data['__type'].split('#').at(-1) ?? '') : 'no error type';
}

/**
 * Signs a call by Signature Version 4.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signCall({
  service,
  region,
  url,
  contentType,
  target,
  body,
  credentials,
  nowMs,
}: AwsCall): SignedRequest {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const date = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': contentType,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': date,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    'x-amz-target': target,
  };
  const signed = Object.entries({ ...headers, host: url.host }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const scope = [date.slice(0, 8), region, service];
  const request = `POST\n/\n\n${lines}\n${names}\n${sha256(body)}`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${[...scope, 'aws4_request'].join('/')}\n${sha256(request)}`;
  const signature = createHmac('sha256', signingKey(secretAccessKey, scope)).update(text).digest('hex');
  const credential = `${accessKeyId}/${[...scope, 'aws4_request'].join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { url: url.href, headers: { ...headers, authorization }, body };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
