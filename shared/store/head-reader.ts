import { BatchGetItemCommand, type BatchGetItemCommandOutput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { ClientError } from '../errors.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { decodeHead, hasNews, type Head } from './head.ts';
import { text } from './item-schema.ts';
import { TOPICS } from './schema.ts';

/** The dependencies of a head reader. */
export interface HeadReaderDeps {
  readonly client: DynamoDBClient;
  /** The Topics table. */
  readonly table: string;
}

/** Reads a topic's head, strongly consistent: as it is after the call. Undefined when nobody has published yet. */
export type ReadHead = (topic: string) => Promise<Head | undefined>;

/** The topics that are asked for in one turn of the event loop. */
interface Turn {
  readonly topics: Set<string>;
  readonly items: Promise<ReadonlyMap<string, Item>>;
}

/**
 * Creates a reader of heads that reads those asked for in one turn of the event loop by one call, each of them once.
 * One that cannot be decoded fails for its topic alone.
 */
export function createHeadReader(deps: HeadReaderDeps): ReadHead {
  let turn: Turn | undefined;
  const begin = (): Turn => {
    const topics = new Set<string>();
    const items = nextTurn().then(() => {
      if (turn?.topics === topics) turn = undefined;
      return readItems(deps, [...topics]);
    });
    return { topics, items };
  };
  return async (topic) => {
    if (turn === undefined || turn.topics.size >= STORE_BOUNDS.BATCH_GET_ITEMS) turn = begin();
    turn.topics.add(topic);
    const item = (await turn.items).get(topic);
    return item !== undefined && hasNews(item) ? decodeHead(item) : undefined;
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const TOPIC = { [TOPICS.partitionKey]: text } as const;

/** Reads the items of at most `BATCH_GET_ITEMS` topics. Throws `unavailable` if DynamoDB leaves some of them unread. */
async function readItems({ client, table }: HeadReaderDeps, topics: readonly string[]): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  let keys = topics.map((topic) => encodeItem({ [TOPICS.partitionKey]: topic }));
  for (let attempt = 1; keys.length > 0 && attempt <= STORE_BOUNDS.BATCH_GET_ATTEMPTS; attempt++) {
    if (attempt > 1) await backOff(attempt - 1, { baseMs: STORE_BOUNDS.BATCH_GET_BACKOFF_MS, capMs: 1_000 });
    const RequestItems = { [table]: { Keys: keys, ConsistentRead: true } };
    const read: BatchGetItemCommandOutput = await client.send(new BatchGetItemCommand({ RequestItems }));
    for (const item of read.Responses?.[table] ?? []) found.set(decodeItem(TOPIC, item)[TOPICS.partitionKey], item);
    keys = read.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  if (keys.length === 0) return found;
  throw new ClientError('unavailable', 'The topics could not be read. Try again.');
}
