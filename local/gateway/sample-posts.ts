/** The first plain posts of a key to a stage, whose signatures are all verified; of those after, one of each 64. */
const POSTS_VERIFIED = 100;
const POSTS_BETWEEN = 64;
/** Most access keys whose posts are counted. */
const SAMPLED_KEYS = 1_000;

/**
 * Returns a function that says whether a post's signature is computed again: the first of each access key, and then
 * some. A signer that is wrong is wrong from its first posts on; each one verified would double the cost of a post.
 */
export function createSampling(): (authorization: string) => boolean {
  const posts = new Map<string, number>();
  return (authorization) => {
    const key = authorization.slice(authorization.indexOf('Credential='), authorization.indexOf('/'));
    // Functions have few keys; past the bound everybody begins anew.
    if (posts.size >= SAMPLED_KEYS) posts.clear();
    const count = (posts.get(key) ?? 0) + 1;
    posts.set(key, count);
    return count <= POSTS_VERIFIED || count % POSTS_BETWEEN === 0;
  };
}
