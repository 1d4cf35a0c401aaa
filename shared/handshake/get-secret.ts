import { createHash, createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import type { Credentials } from '../post/post.ts';
import { signingKey } from '../post/sigv4.ts';
import { readBounded } from './read-bounded.ts';

const SERVICE = 'secretsmanager';

/**
 * Deadline in ms of one call of Secrets Manager. Past it the handshake fails with 500.
 * @limit operator
 */
const GET_SECRET_TIMEOUT_MS = 3_000;

/** The dependencies of a call of Secrets Manager. */
export interface GetSecretDeps {
  /** The address of the service. Default: that of the secret's region. */
  readonly endpoint?: string | undefined;
  readonly credentials: () => Credentials;
  readonly now: () => number;
}

/** The signed parts of a call. */
interface SecretRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const answerSchema = z.object({ SecretString: z.optional(z.string()), SecretBinary: z.optional(z.string()) });
const faultSchema = z.object({ ['__type']: z.string() });

/**
 * Reads the current value of a secret. The official client would multiply the code that a cold authorizer loads; a test
 * compares this call with that client's.
 *
 * @throws {Error} With the type of AWS's error, if there is one, and never with a part of the secret.
 */
export async function getSecret(secretArn: string, deps: GetSecretDeps): Promise<Uint8Array> {
  const { url, headers, body } = signGetSecret(secretArn, deps);
  const signal = AbortSignal.timeout(GET_SECRET_TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  const answer = parsed(await readBounded(response));
  if (response.status !== 200) throw new Error(`${faultIn(answer)} with the status ${response.status}`);
  const result = answerSchema.safeParse(answer);
  const { SecretString: text, SecretBinary: binary } = result.success ? result.data : {};
  if (text !== undefined) return Buffer.from(text);
  if (binary !== undefined) return Buffer.from(binary, 'base64');
  throw new Error('the answer has no secret');
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
 * Signs a call of GetSecretValue by Signature Version 4.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export function signGetSecret(secretArn: string, { endpoint, credentials, now }: GetSecretDeps): SecretRequest {
  const [, partition, , region = ''] = secretArn.split(':');
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(endpoint ?? `https://${SERVICE}.${region}.${suffix}`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials();
  const body = JSON.stringify({ SecretId: secretArn });
  const date = new Date(now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': date,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    'x-amz-target': `${SERVICE}.GetSecretValue`,
  };
  const signed = Object.entries({ ...headers, host: url.host }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const scope = [date.slice(0, 8), region, SERVICE];
  const request = `POST\n/\n\n${lines}\n${names}\n${sha256(body)}`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${[...scope, 'aws4_request'].join('/')}\n${sha256(request)}`;
  const signature = createHmac('sha256', signingKey(secretAccessKey, scope)).update(text).digest('hex');
  const credential = `${accessKeyId}/${[...scope, 'aws4_request'].join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { url: url.href, headers: { ...headers, authorization }, body };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
