import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../shared/http/sigv4.ts';

/** A request that is to be signed, and by whom. */
export interface SignedRequest {
  readonly credentials: Credentials;
  readonly region?: string;
  readonly method?: string;
  readonly body?: string;
}

/** Sends a request to a function URL, signed by the official signer. */
export async function fetchSigned(
  href: string,
  { credentials, region = 'us-east-1', method = 'GET', body }: SignedRequest,
): Promise<Response> {
  const { protocol, host, hostname, port, pathname, searchParams } = new URL(href);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: 'lambda',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method,
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, 'content-type': 'application/json' },
    body,
  });
  return fetch(href, { method, headers, ...(body === undefined ? {} : { body }) });
}
