import { request } from 'node:http';
import fc from 'fast-check';
import { forgedTokens, type Spoils } from './forged-tokens.ts';

/** A handshake as it is sent: its query, and its headers beside those of every upgrade. */
export interface HostileHandshake {
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns Origins that are not the runtime's own, some of which look like it. */
const originsBeside = (port: number): readonly string[] => [
  'null',
  'https://evil.example',
  `https://127.0.0.1:${port}`,
  `http://127.0.0.1:${port}.evil.example`,
  `http://127.0.0.1:${port}@evil.example`,
  `http://127.0.0.1:${port + 1}`,
  `http://127.0.0.1:${port}, http://evil.example`,
  `HTTP://EVIL.example:${port}`,
];

/** The queries that the route refuses, also with a good token. */
const QUERIES: readonly string[] = [
  'topics=@connection',
  'topics=@revoked%23bob',
  'topics=%0a%7B%22forged%22:true%7D',
  'connectionId=L0SM9cOFvHcCIhw%3D',
  'sub=root&tokenEnd=9e15',
  '__proto__=1',
  'constructor[prototype]=1',
  'authorizer=%7B%22sub%22:%22root%22%7D',
];

/**
 * Returns handshakes of which none may be let in. A seed always gives equal ones, except for keys and signatures.
 */
export function hostileHandshakes(count: number, spoils: Spoils & { port: number; seed: number }): HostileHandshake[] {
  const { port, seed, genuine } = spoils;
  const place = fc.constantFrom('subprotocol', 'authorization', 'query');
  const forged = fc.tuple(forgedTokens(spoils), place).map(([token, where]) => carried(token, where));
  const doubled = fc.tuple(place, place).map(([first, second]) => {
    const [one, other] = [carried(genuine, first), carried(genuine, second)];
    if (first === second) return { query: `token=${genuine}&token=${genuine}`, headers: {} };
    return { query: `${one.query}${other.query}`, headers: { ...one.headers, ...other.headers } };
  });
  const foreign = fc
    .constantFrom(...originsBeside(port))
    .map((Origin) => ({ query: '', headers: { ...carried(genuine, 'authorization').headers, Origin } }));
  const odd = fc.constantFrom(...QUERIES).map((query) => ({ ...carried(genuine, 'authorization'), query }));
  const without = fc.constantFrom('', 'Basic YTpi', 'Bearer', `Bearer ${genuine} ${genuine}`, `Digest ${genuine}`);
  const none = without.map((Authorization) => ({ query: '', headers: { Authorization } }));
  const any = fc.oneof({ weight: 6, arbitrary: forged }, doubled, foreign, odd, none);
  return fc.sample(any, { numRuns: count, seed });
}

function carried(token: string, place: string): HostileHandshake {
  if (place === 'query') return { query: `token=${encodeURIComponent(token)}`, headers: {} };
  if (place === 'authorization') return { query: '', headers: { Authorization: `Bearer ${token}` } };
  return { query: '', headers: { 'Sec-WebSocket-Protocol': `distributary.v1, token.${token}` } };
}

/** Sends a handshake. Resolves to its HTTP status: 101 if it was let in. */
export function attempt(url: string, { query, headers }: HostileHandshake): Promise<number> {
  const { port, pathname } = new URL(url);
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const target = { host: '127.0.0.1', port, path: `${pathname}?${query}`, headers: { ...upgrade, ...headers } };
  const sent = request(target, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on('upgrade', (response, socket) => {
    socket.destroy();
    resolve(response.statusCode ?? 0);
  });
  sent.on('error', reject).end();
  return promise;
}
