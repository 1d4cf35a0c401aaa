import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { directoryKey } from './schema.ts';

export interface ShardDirectoryDeps {
  readonly client: DynamoDBClient;
  /** That of the subscriptions. */
  readonly table: string;
  readonly now: () => number;
}

interface Entry {
  readonly shards: number;
  /** Epoch seconds; after that the topic counts as having one shard. */
  readonly until: number;
}

/** How many shards a topic has at least: 1 for one that never grew. Never rejects. */
export type ShardsOf = (topic: string) => Promise<number>;

/**
 * The directory as the routes use it. They read nothing, so a page comes as the answer to a write: one that creates the
 * page where there is none and changes nothing where there is. A warm route makes it once in a while for each page that
 * it needs, however many topics are on it, and whether it has grown or not. A page that is out of date is right too:
 * shards are never taken away.
 */
export function createShardDirectory(deps: ShardDirectoryDeps): ShardsOf {
  const pages = new Map<number, { readonly atMs: number; readonly entries: Promise<Entries> }>();
  const entriesOf = (page: number): Promise<Entries> => {
    const known = pages.get(page);
    if (known !== undefined && deps.now() - known.atMs < STORE_BOUNDS.DIRECTORY_MS) return known.entries;
    // Nobody is refused for it: what was known is still right, and so is shard 0.
    const entries = openPage(deps, page).catch(() => known?.entries ?? NOTHING);
    pages.set(page, { atMs: deps.now(), entries });
    return entries;
  };
  return async (topic) => {
    const entry = (await entriesOf(pageOf(topic))).get(topic);
    return entry === undefined || entry.until * 1_000 <= deps.now() ? 1 : entry.shards;
  };
}

/** The shard of a connection in a topic that has so many: by a hash (FNV-1a), so that they fill evenly. */
export const shardFor = (connectionId: string, shards: number): number => hash(connectionId) % shards;

/** Enters a topic, in the place of the one whose entry ends first when its page is full. */
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
      Key: keyOf(pageOf(topic)),
      UpdateExpression: `SET topics.#topic = :entry${leaving === undefined ? '' : ' REMOVE topics.#leaving'}`,
      ConditionExpression: leaving === undefined ? room : `attribute_exists(topics.#leaving) OR ${room}`,
      ExpressionAttributeNames: { '#topic': topic, ...(leaving === undefined ? {} : { '#leaving': leaving }) },
      ExpressionAttributeValues: {
        ':entry': { M: { shards: N(entry.shards), until: N(entry.until) } },
        ':max': N(STORE_BOUNDS.DIRECTORY_TOPICS),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

type Entries = ReadonlyMap<string, Entry>;

const NOTHING: Entries = new Map();

/** What is on a page, which is made if there is none. Pages stay: there are few, and each is bounded. */
async function openPage({ client, table }: ShardDirectoryDeps, page: number): Promise<Entries> {
  const { Attributes = {} } = await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: keyOf(page),
      UpdateExpression: 'SET topics = if_not_exists(topics, :none)',
      ExpressionAttributeValues: { ':none': { M: {} } },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return decodeEntries(Attributes);
}

/** An entry that makes no sense counts as one of a topic that never grew: the routes must go on. */
function decodeEntries(page: Item): Entries {
  const entries = Object.entries(page['topics']?.M ?? {}).flatMap(([topic, { M: entry = {} }]) => {
    const [shards, until] = [Number(entry['shards']?.N), Number(entry['until']?.N)];
    const isEntry = Number.isSafeInteger(shards) && shards >= 1 && Number.isSafeInteger(until);
    return isEntry ? [[topic, { shards, until }] as const] : [];
  });
  return new Map(entries);
}

const firstToEnd = (entries: Entries): string | undefined =>
  [...entries].toSorted(([, a], [, b]) => a.until - b.until)[0]?.[0];

const keyOf = (page: number) =>
  Object.fromEntries(Object.entries(directoryKey(page)).map(([name, value]) => [name, S(value)]));

const pageOf = (topic: string): number => hash(topic) % STORE_BOUNDS.DIRECTORY_PAGES;

/** FNV-1a: quick, and even enough to spread. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
