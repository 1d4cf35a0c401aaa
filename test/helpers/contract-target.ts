import { randomUUID } from 'node:crypto';
import { type Dialogue, openDialogue } from './dialogue.ts';
import { type RunningRuntime, startRuntime } from './runtime.ts';

/** The backend that the contract is held against: the stage in DISTRIBUTARY_URL, or else a local runtime. */
export interface ContractTarget {
  readonly url: string;
  /** Connects with no topics but the named ones; closed at the end of the test file at the latest. */
  readonly client: (topics?: readonly string[]) => Promise<Dialogue>;
  readonly stop: () => Promise<void>;
}

/** Starts or finds the backend. */
export async function contractTarget(): Promise<ContractTarget> {
  const deployed = process.env['DISTRIBUTARY_URL'];
  const runtime: RunningRuntime | undefined = deployed === undefined ? await startRuntime() : undefined;
  const url = deployed ?? runtime?.url ?? '';
  const clients: Dialogue[] = [];
  return {
    url,
    client: async (topics = []) => {
      const client = await openDialogue(`${url}?topics=${topics.join(',')}`);
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.cut();
      await runtime?.stop();
    },
  };
}

/** A name that no other test, and no earlier run against the same stage, has used. */
export const unusedName = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
