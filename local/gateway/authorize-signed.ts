import type { Refusal } from '../iam/refusals.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import type { Authorize } from './authorize.ts';

/** Judges the signature of a handshake and the rights of its signer, given the ARN of `$connect`. */
export type AuthorizeConnect = (
  routeArn: string,
  request: CoveredRequest,
) => Promise<{ readonly identity: Readonly<Record<string, string>> } | { readonly refusal: Refusal }>;

/** Returns the judge of an API whose `$connect` has the authorization type AWS_IAM. Without a judge it refuses all. */
export const createSignedAuthorize =
  (authorize?: AuthorizeConnect): Authorize =>
  async ({ api }, { covered }) => {
    const verdict = await authorize?.(api.connectMethodArn, covered);
    if (verdict === undefined) return { refusedWith: 403 };
    return 'refusal' in verdict ? { refusedWith: 403, words: verdict.refusal } : { identity: verdict.identity };
  };
