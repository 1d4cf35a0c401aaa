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
  return new Promise<string>((resolve) => {
    resolve(token());
  }).then((known) => withToken(deps, known));
}

function withToken({ url, topics, tokenIn }: TargetDeps, token: string | undefined): Target {
  const { href, included } = urlWithTopics(url, topics);
  if (token === undefined) return { href, topics: included, protocols: [] };
  if (tokenIn === 'subprotocol') return { href, topics: included, protocols: [SUBPROTOCOL, `token.${token}`] };
  const target = new URL(href);
  target.searchParams.set('token', token);
  return { href: target.href, topics: included, protocols: [] };
}
