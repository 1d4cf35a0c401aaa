import { type CoveredRequest, splitAtFirst } from './verify-signature.ts';

/** The one algorithm of a signature in a query. */
const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The parameter with the signature, which covers all others. */
const SIGNATURE = 'X-Amz-Signature';

/**
 * Returns a request that is signed in its query in the form of one that is signed by its headers. Any other request is
 * returned as it is. A browser signs a WebSocket's URL in this way, because it cannot add headers to a handshake.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function withQuerySignature(request: CoveredRequest): CoveredRequest {
  const [path, query = ''] = splitAtFirst(request.target, '?');
  const signed = new URLSearchParams(query);
  const signature = signed.get(SIGNATURE);
  if (signature === null || request.header('authorization') !== undefined) return request;
  const given = (name: string): string => signed.get(name) ?? '';
  const authorization =
    `${given('X-Amz-Algorithm')} Credential=${given('X-Amz-Credential')}, ` +
    `SignedHeaders=${given('X-Amz-SignedHeaders')}, Signature=${signature}`;
  const moved = new Map<string, string | undefined>([
    ['authorization', given('X-Amz-Algorithm') === ALGORITHM ? authorization : undefined],
    ['x-amz-date', given('X-Amz-Date')],
    ['x-amz-expires', signed.get('X-Amz-Expires') ?? undefined],
    ['x-amz-security-token', signed.get('X-Amz-Security-Token') ?? undefined],
  ]);
  const covered = query.split('&').filter((pair) => !pair.startsWith(`${SIGNATURE}=`));
  return {
    ...request,
    target: `${path}?${covered.join('&')}`,
    header: (name) => (moved.has(name) ? moved.get(name) : request.header(name)),
    isSignedInQuery: true,
  };
}
