import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../local/engine/create-tables.ts';
import { withLeanCalls } from '../../shared/store/lean-calls.ts';
import { createTopicStore, type TopicStore, type TopicStoreDeps } from '../../shared/store/topics.ts';
import { type Dynoxide, engineClientOptions, startDynoxide } from './dynoxide.ts';
import { TABLE_NAMES, TABLES } from './tables.ts';

/** A real engine that has the tables of the stack. */
export interface StoreEngine extends Dynoxide {
  readonly client: DynamoDBClient;
  /** Returns another client, for a test that intercepts its calls. */
  readonly newClient: () => DynamoDBClient;
  readonly stop: () => Promise<void>;
}

export async function startStoreEngine(): Promise<StoreEngine> {
  const dynoxide = await startDynoxide();
  const clients: DynamoDBClient[] = [];
  const newClient = (): DynamoDBClient => {
    const client = withLeanCalls(new DynamoDBClient(engineClientOptions(dynoxide)));
    clients.push(client);
    return client;
  };
  const client = newClient();
  await createTables(TABLES, client);
  const stop = async (): Promise<void> => {
    for (const each of clients) each.destroy();
    await dynoxide.kill();
  };
  return { ...dynoxide, client, newClient, stop };
}

/** A clock that stands still: writers with it may lose races for as long as a busy machine makes them. */
export const STANDING_CLOCK = { now: () => Date.UTC(2026, 10, 20) } as const;

let epochs = 0;

/** The write side of topics, as one warm Lambda has it: each call is another writer. */
export function openTopics({ client }: StoreEngine, overrides: Partial<TopicStoreDeps> = {}): TopicStore {
  return createTopicStore({
    client,
    unretriedClient: client,
    topicsTable: TABLE_NAMES.topics,
    keysTable: TABLE_NAMES.keys,
    now: Date.now,
    newEpoch: () => `epoch-${(epochs += 1)}`,
    traceId: () => undefined,
    ...overrides,
  });
}

/** All items of a small table in which `matches` holds. */
export async function scan(
  { client }: StoreEngine,
  table: string,
  matches: (item: Record<string, AttributeValue>) => boolean,
): Promise<Record<string, AttributeValue>[]> {
  const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: table }));
  if (LastEvaluatedKey !== undefined) throw new Error('The table is too large for this helper.');
  return Items.filter(matches);
}
