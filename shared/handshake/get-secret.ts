import * as z from 'zod/mini';
import type { Credentials } from '../http/sigv4.ts';
import { callAws, type SignedRequest, signCall } from './signed-call.ts';

const SERVICE = 'secretsmanager';

/** The dependencies of a call of Secrets Manager. */
export interface GetSecretDeps {
  /** The address of the service. Default: that of the secret's region. */
  readonly endpoint?: string | undefined;
  readonly credentials: () => Credentials;
  readonly now: () => number;
}

const answerSchema = z.object({ SecretString: z.optional(z.string()), SecretBinary: z.optional(z.string()) });

/**
 * Reads the current value of a secret. The official client would multiply the code that a cold authorizer loads; a test
 * compares this call with that client's.
 *
 * @throws {Error} With the type of AWS's error, if there is one, and never with a part of the secret.
 */
export async function getSecret(secretArn: string, deps: GetSecretDeps): Promise<Uint8Array> {
  const result = answerSchema.safeParse(await callAws(signGetSecret(secretArn, deps)));
  const { SecretString: text, SecretBinary: binary } = result.success ? result.data : {};
  if (text !== undefined) return Buffer.from(text);
  if (binary !== undefined) return Buffer.from(binary, 'base64');
  throw new Error('the answer has no secret');
}

/**
 * Signs a call of GetSecretValue.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export function signGetSecret(secretArn: string, { endpoint, credentials, now }: GetSecretDeps): SignedRequest {
  const [, partition, , region = ''] = secretArn.split(':');
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return signCall({
    service: SERVICE,
    region,
    url: new URL(endpoint ?? `https://${SERVICE}.${region}.${suffix}`),
    contentType: 'application/x-amz-json-1.1',
    target: `${SERVICE}.GetSecretValue`,
    body: JSON.stringify({ SecretId: secretArn }),
    credentials: credentials(),
    nowMs: now(),
  });
}
