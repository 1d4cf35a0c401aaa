import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { lenient, mapOf, mapWith, where, wholeNumber } from './item-schema.ts';
import { directoryKey } from './schema.ts';

/** The dependencies of the shard directory. */
export interface ShardDirectoryDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  readonly now: () => number;
}

interface Entry {
  readonly shards: number;
  /** The end of the entry in epoch seconds. After it the topic counts as having one shard. */
  readonly until: number;
}

/**
 * An entry of a topic. An invalid one decodes to undefined, and its topic counts as never grown: the routes must go on.
 */
const entry = lenient(
  mapWith({ shards: where(wholeNumber, (shards) => shards >= 1, 'is less than 1'), until: wholeNumber }),
);

/** A page of the directory: an entry for each of its topics. */
const PAGE = { topics: mapOf(entry) } as const;

/** Returns the least number of shards that a topic has: 1 for one that never grew. Never rejects. */
export type ShardsOf = (topic: string) => Promise<number>;

/**
 * Creates the directory as the routes use it. Routes may only write, so a page is the answer to a write that creates
 * the page where there is none and changes nothing where there is. A warm route sends that write every `DIRECTORY_MS`
 * for each page that it needs, whether a topic on it has grown or not. An outdated page does no harm: shards are never
 * removed.
 */
export function createShardDirectory(deps: ShardDirectoryDeps): ShardsOf {
  const pages = new Map<number, { readonly atMs: number; readonly entries: Promise<Entries> }>();
  const entriesOf = (page: number): Promise<Entries> => {
    const known = pages.get(page);
    if (known !== undefined && deps.now() - known.atMs < STORE_BOUNDS.DIRECTORY_MS) return known.entries;
    // A failure refuses no client: the known entries still hold, and shard 0 always exists.
    const entries = openPage(deps, page).catch(() => known?.entries ?? NOTHING);
    pages.set(page, { atMs: deps.now(), entries });
    return entries;
  };
  return async (topic) => {
    const entry = (await entriesOf(pageOf(topic))).get(topic);
    return entry === undefined || entry.until * 1_000 <= deps.now() ? 1 : entry.shards;
  };
}

/** Returns the shard of a connection in a topic of this many shards: by a hash (FNV-1a), so shards fill evenly. */
export const shardFor = (connectionId: string, shards: number): number => hash(connectionId) % shards;

/** Returns the shard of a topic in which a new subscription of a connection is listed. */
export const findShard = async (
  shardsOf: ShardsOf,
  { connectionId }: { readonly connectionId: string },
  topic: string,
): Promise<number> => shardFor(connectionId, await shardsOf(topic));

/** Enters a topic on its page. On a full page it replaces the topic whose entry ends first. */
export async function enterTopic(deps: ShardDirectoryDeps, topic: string, entry: Entry): Promise<void> {
  let leaving: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      await setEntry(deps, topic, { entry, leaving });
      return;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || attempt === STORE_BOUNDS.DIRECTORY_ATTEMPTS)
        throw error;
      if (error.Item === undefined) await openPage(deps, pageOf(topic));
      else leaving = firstToEnd(decodeEntries(error.Item));
    }
  }
}

interface Entering {
  readonly entry: Entry;
  readonly leaving: string | undefined;
}

async function setEntry(deps: ShardDirectoryDeps, topic: string, { entry, leaving }: Entering): Promise<void> {
  const room = 'size(topics) < :max OR attribute_exists(topics.#topic)';
  await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key: encodeItem(directoryKey(pageOf(topic))),
      UpdateExpression: `SET topics.#topic = :entry${leaving === undefined ? '' : ' REMOVE topics.#leaving'}`,
      ConditionExpression: leaving === undefined ? room : `attribute_exists(topics.#leaving) OR ${room}`,
      ExpressionAttributeNames: { '#topic': topic, ...(leaving === undefined ? {} : { '#leaving': leaving }) },
      ExpressionAttributeValues: encodeItem({ ':entry': entry, ':max': STORE_BOUNDS.DIRECTORY_TOPICS }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

type Entries = ReadonlyMap<string, Entry>;

const NOTHING: Entries = new Map();

/** Reads a page, and creates it if there is none. Pages are never deleted: there are few, and each is bounded. */
async function openPage({ client, table }: ShardDirectoryDeps, page: number): Promise<Entries> {
  const { Attributes = {} } = await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: encodeItem(directoryKey(page)),
      UpdateExpression: 'SET topics = if_not_exists(topics, :none)',
      ExpressionAttributeValues: encodeItem({ ':none': {} }),
      ReturnValues: 'ALL_NEW',
    }),
  );
  return decodeEntries(Attributes);
}

function decodeEntries(page: Item): Entries {
  const { topics } = decodeItem(PAGE, page);
  return new Map([...topics].flatMap(([topic, found]) => (found === undefined ? [] : [[topic, found] as const])));
}

const firstToEnd = (entries: Entries): string | undefined =>
  [...entries].toSorted(([, a], [, b]) => a.until - b.until)[0]?.[0];

const pageOf = (topic: string): number => hash(topic) % STORE_BOUNDS.DIRECTORY_PAGES;

/** Hashes by FNV-1a: fast, and even enough to fill shards and pages. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
