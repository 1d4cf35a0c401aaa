import { randomUUID } from 'node:crypto';
import { asksForTokens, authenticatedUrl, EVERYTHING, tokenFor, tokenProtocols } from './authenticated.ts';
import { type Dialogue, openDialogue } from './dialogue.ts';
import type { SharedRuntime } from './shared-runtime.ts';

/** The runtime that the tests of the project `contract` share. */
export const CONTRACT: SharedRuntime = {
  url: 'DISTRIBUTARY_TEST_CONTRACT_URL',
  process: 'DISTRIBUTARY_TEST_CONTRACT_PROCESS',
};

/**
 * The backend that the contract is held against: the stage in DISTRIBUTARY_URL, with the tokens of DISTRIBUTARY_TOKEN
 * in turn if it asks for them, or else the runtime that the tests of the project share. In the project `authenticated`
 * that one asks for tokens, and each client is another subject.
 */
export interface ContractTarget {
  /**
   * Connects with this query and these subprotocols; with a token, also with `distributary.v1`, since a client that
   * offers a subprotocol needs one in the answer. Closed at the end of the test file at the latest.
   */
  readonly open: (query?: string, protocols?: readonly string[]) => Promise<Dialogue>;
  /** Connects with no topics but the named ones. Closed at the end of the test file at the latest. */
  readonly client: (topics?: readonly string[]) => Promise<Dialogue>;
  /** Connects twice for one subject, with no topics. */
  readonly twoOfOneSubject: () => Promise<readonly [Dialogue, Dialogue]>;
  readonly cutAll: () => void;
}

/** Finds the backend. */
export function contractTarget(): ContractTarget {
  const { url, nextToken } = findBackend();
  const clients: Dialogue[] = [];
  const openAs = async (token: string | undefined, { query = '', protocols = [] }: Opening): Promise<Dialogue> => {
    const client = await openDialogue(`${url}${query}`, token === undefined ? [...protocols] : tokenProtocols(token));
    clients.push(client);
    return client;
  };
  const open: ContractTarget['open'] = async (query = '', protocols = []) =>
    openAs(await nextToken(), { query, protocols });
  return {
    open,
    client: (topics = []) => open(`?topics=${topics.join(',')}`),
    twoOfOneSubject: async () => {
      const token = await nextToken();
      const query = '?topics=';
      return [await openAs(token, { query }), await openAs(token, { query })];
    },
    cutAll: () => {
      for (const client of clients) client.cut();
    },
  };
}

interface Opening {
  readonly query?: string;
  readonly protocols?: readonly string[];
}

interface FoundBackend {
  readonly url: string;
  /** Returns the token of the next client; undefined where the backend asks for none. */
  readonly nextToken: () => Promise<string | undefined>;
}

function findBackend(): FoundBackend {
  if (asksForTokens) {
    const nextToken = (): Promise<string> => tokenFor({ ...EVERYTHING, sub: unusedName('everything') });
    return { url: authenticatedUrl(), nextToken };
  }
  const url = process.env['DISTRIBUTARY_URL'] ?? process.env[CONTRACT.url];
  if (url === undefined) throw new Error('This test belongs to the project `contract`: see jest.config.mjs.');
  return { url, nextToken: inTurn(process.env['DISTRIBUTARY_TOKEN']?.split(',') ?? []) };
}

/** Returns one token after another, again and again: members of a topic are counted by their subjects. */
function inTurn(tokens: readonly string[]): () => Promise<string | undefined> {
  let taken = 0;
  return async () => tokens[taken++ % tokens.length];
}

/** A name that no other test, and no earlier run against the same stage, has used. */
export const unusedName = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
