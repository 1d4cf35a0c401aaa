import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../shared/http/sigv4.ts';
import type { SignedPost } from '../../shared/post/sigv4.ts';

interface Signing {
  readonly callbackUrl: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly nowMs: number;
}

/** Signs a post anew by the official signer: the same request, its headers in the same order, when the two agree. */
export async function signByReference(signing: Signing, { path, headers, body }: SignedPost): Promise<SignedPost> {
  const { host, hostname, protocol } = new URL(signing.callbackUrl);
  const { accessKeyId, secretAccessKey, sessionToken } = signing.credentials;
  const signer = new SignatureV4({
    service: 'execute-api',
    region: signing.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
  });
  const names = headers.filter((_, i) => i % 2 === 0);
  // What the signer makes itself is not handed to it.
  const given = names.flatMap((name, i) => (MADE.has(name) ? [] : [[name, headers[2 * i + 1] ?? ''] as const]));
  const request = { method: 'POST', protocol, hostname, path, body, headers: { host, ...Object.fromEntries(given) } };
  const signed = await signer.sign(request, { signingDate: new Date(signing.nowMs) });
  return { path, headers: names.flatMap((name) => [name, signed.headers[name] ?? '']), body };
}

const MADE: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);
