import { type Dialogue, openDialogue } from './dialogue.ts';
import type { SharedRuntime } from './shared-runtime.ts';

/** The runtime that the tests of the project `authenticated` share. */
export const AUTHENTICATED: SharedRuntime = {
  url: 'DISTRIBUTARY_TEST_AUTHENTICATED_URL',
  process: 'DISTRIBUTARY_TEST_AUTHENTICATED_PROCESS',
};

/** Whether this test runs in the project `authenticated`, whose runtime asks for tokens. */
export const asksForTokens = 'ASKS_FOR_TOKENS' in globalThis;

/** The claims of a token. */
export interface TokenClaims {
  readonly sub: string;
  /** The name in the public profile. */
  readonly name?: string;
  readonly forSeconds?: number;
  readonly subscribe?: readonly string[];
  readonly publish?: readonly string[];
  readonly count?: readonly string[];
  readonly presence?: readonly string[];
}

/** The claims of a token that permits everything. */
export const EVERYTHING: TokenClaims = {
  sub: 'everything',
  subscribe: ['*'],
  publish: ['*'],
  count: ['*'],
  presence: ['*'],
};

/** Returns the URL of the runtime that asks for tokens, `ws://127.0.0.1:PORT/live`. */
export function authenticatedUrl(): string {
  const url = process.env[AUTHENTICATED.url];
  if (url === undefined) throw new Error('This test belongs to the project `authenticated`: see jest.config.mjs.');
  return url;
}

/** Returns the port of the runtime that asks for tokens. */
export const authenticatedPort = (): number => Number(new URL(authenticatedUrl()).port);

/** Returns the address of a path under `/_runtime` of the runtime that asks for tokens. */
export const runtimeAddress = (path: string): URL =>
  new URL(`/_runtime${path}`, authenticatedUrl().replace('ws:', 'http:'));

/** Makes a token by the runtime's own issuer. */
export async function tokenFor(claims: TokenClaims): Promise<string> {
  const response = await fetch(runtimeAddress('/tokens'), { method: 'POST', body: JSON.stringify(claims) });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('token' in answer) || typeof answer.token !== 'string') {
    throw new Error(`no token: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer.token;
}

/** Returns the subprotocols of a handshake with a token. */
export const tokenProtocols = (token: string): string[] => ['distributary.v1', `token.${token}`];

/** The sockets that a test file opens under tokens, so that all of them can be cut at its end. */
export interface TokenClients {
  /** Connects with this token to no topics but the named ones. Rejects when the handshake is refused. */
  readonly connect: (token: string, topics?: readonly string[]) => Promise<Dialogue>;
  /** Connects with a new token for these claims. */
  readonly connectAs: (claims: TokenClaims, topics?: readonly string[]) => Promise<Dialogue>;
  readonly cutAll: () => void;
}

/**
 * Number of times that a client with a good token tries to connect. A starved machine can take more than five seconds
 * from the authorizer to `$connect`, which then refuses the handshake.
 */
const ATTEMPTS = 5;

/** Creates an empty list of sockets. */
export function createTokenClients(): TokenClients {
  const clients: Dialogue[] = [];
  const connect: TokenClients['connect'] = async (token, topics = []) => {
    const client = await openDialogue(`${authenticatedUrl()}?topics=${topics.join(',')}`, tokenProtocols(token));
    clients.push(client);
    return client;
  };
  return {
    connect,
    connectAs: async (claims, topics) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await connect(await tokenFor(claims), topics);
        } catch (error) {
          if (attempt === ATTEMPTS || !String(error).includes('403')) throw error;
        }
      }
    },
    cutAll: () => {
      for (const client of clients) client.cut();
    },
  };
}
