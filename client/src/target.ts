import type { Target } from './link.ts';
import type { Token } from './types.ts';
import { urlWithTopics } from './url-with-topics.ts';

export interface TargetDeps {
  readonly url: string;
  readonly topics: readonly string[];
  readonly token: Token | undefined;
  readonly tokenIn: 'query' | 'subprotocol';
}

/** What the server chooses when it is offered: it does not repeat the token. */
const SUBPROTOCOL = 'distributary.v1';

/** Where to connect to: at once, unless the token has to be waited for. */
export function targetOf(deps: TargetDeps): Target | Promise<Target> {
  const { token } = deps;
  if (typeof token !== 'function') return withToken(deps, token);
  // What it throws is a promise that is rejected, too.
  return (async () => withToken(deps, await token()))();
}

function withToken({ url, topics, tokenIn }: TargetDeps, token: string | undefined): Target {
  const { target, included } = urlWithTopics(url, topics);
  const isProtocol = token !== undefined && tokenIn === 'subprotocol';
  if (token !== undefined && !isProtocol) target.searchParams.set('token', token);
  return { href: target.href, topics: included, protocols: isProtocol ? [SUBPROTOCOL, `token.${token}`] : [] };
}
