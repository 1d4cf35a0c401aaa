import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { realWaiting } from '../backoff.ts';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { flag, lenient, text } from './item-schema.ts';
import { deleteWritten, NOT_SUPERSEDED, notSuperseded, unlessSuperseded } from './frame-order.ts';
import { unwatch, watch } from './presence.ts';
import { BY_TOPIC, SUBSCRIPTIONS } from './schema.ts';
import { createEnterWildcard, type EnterWildcard } from './enter-wildcard.ts';
import { type FirstTopics, openConnection } from './open-connection.ts';
import type { ShardsOf } from './shard-directory.ts';
import { placeOf, type PlaceDeps } from './subscription-place.ts';
import { keyOf, type NewSubscription, pingItem, type Sender, subscriptionValues } from './subscription-record.ts';
import { listTopic, unlistTopic } from './topic-list.ts';

/** The dependencies of the write side of subscriptions. */
export interface SubscriptionStoreDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns an id unique to the request: it makes each write a change. */
  readonly requestId: () => string;
  readonly shardsOf: ShardsOf;
  /** Enters a wildcard in the directory. Default: by the same table and the system's clock. */
  readonly enterWildcard?: EnterWildcard | undefined;
}

/** The write side of subscriptions: the routes' writes to a connection's records. */
export interface SubscriptionStore {
  /** Records a new connection with its first topics, and with those that it is to be told are refused. */
  readonly open: (connection: Sender, first: FirstTopics) => Promise<void>;
  /** Subscribes, or asks for a catch-up if subscribed already. Throws `too-many-topics`. */
  readonly subscribe: (connection: Sender, subscription: NewSubscription) => Promise<void>;
  readonly unsubscribe: (connection: Sender, topic: string) => Promise<void>;
  /** Records the client's positions for the catch-up. */
  readonly notePositions: (connection: Sender, positions: Readonly<Record<string, Position>>) => Promise<void>;
}

type PlacedStoreDeps = SubscriptionStoreDeps & PlaceDeps;

/** The attributes of a subscription as it was before a write, as far as the write needs them. */
const OLD_SUBSCRIPTION = {
  [SUBSCRIPTIONS.request]: lenient(text),
  presence: flag,
} as const;

/** The attributes that are removed when a new subscribe lacks them. */
const REMOVED_WHEN_MISSING = ['position', 'positions', 'history', 'batch', 'unsettled'] as const;

/** Creates the write side of subscriptions. */
export function createSubscriptionStore(given: SubscriptionStoreDeps): SubscriptionStore {
  const deps = { ...given, enterWildcard: given.enterWildcard ?? createEnterWildcard({ ...given, now: Date.now }) };
  return {
    open: (connection, first) => openConnection(deps, connection, first),
    subscribe: (connection, subscription) => subscribe(deps, connection, subscription),
    unsubscribe: (connection, topic) => unsubscribe(deps, connection, topic),
    notePositions: async (connection, positions) => {
      const Item = pingItem(connection, positions, deps.requestId());
      const put = new PutItemCommand({ TableName: deps.table, Item, ...notSuperseded(connection) });
      await unlessSuperseded(deps.client.send(put));
    },
  };
}

async function subscribe(deps: PlacedStoreDeps, sender: Sender, subscription: NewSubscription): Promise<void> {
  const { topic, presence } = subscription;
  const requestId = deps.requestId();
  // The list first: a topic listed but not subscribed to costs a slot; one subscribed to but not listed evades the limit.
  const listing = listTopic(deps, sender, { topic, requestId });
  const [place, isListed] = await Promise.all([placeOf(deps, sender, topic), listing]);
  if (!isListed) return;
  const record = subscriptionValues(sender, { ...subscription, ...place }, requestId);
  const before = await unlessSuperseded(writeSubscription(deps, record, keyOf(sender.connectionId, topic)));
  if (before === undefined) return;
  if (presence === true) await unlessSuperseded(watch(deps, sender, { topic, requestId }));
  else if (before.presence) await endWatch(deps, sender, { topic, request: before.request });
}

/**
 * The list first, which keeps the time: an earlier subscribe that is handled later is refused there. One that has been
 * listed and not yet recorded is waited for.
 */
async function unsubscribe(deps: SubscriptionStoreDeps, sender: Sender, topic: string): Promise<void> {
  const { isSuperseded, request } = await unlistTopic(deps, sender, topic);
  if (isSuperseded) return;
  const Key = keyOf(sender.connectionId, topic);
  const remove = { TableName: deps.table, Key, ...notSuperseded(sender), ReturnValues: 'ALL_OLD' } as const;
  const removed = await deleteWritten(
    async () => (await deps.client.send(new DeleteItemCommand(remove))).Attributes,
    (item) => request === undefined || requestOf(item) === request,
    realWaiting,
  );
  // A subscribe of the same millisecond may have come in between.
  if (removed.some((item) => requestOf(item) !== request)) await unlistTopic(deps, sender, topic);
  for (const item of removed) {
    const { presence } = decodeItem(OLD_SUBSCRIPTION, item);
    if (presence) await endWatch(deps, sender, { topic, request: requestOf(item) });
  }
}

const requestOf = (item: Item | undefined): string | undefined =>
  item === undefined ? undefined : decodeItem(OLD_SUBSCRIPTION, item)[SUBSCRIPTIONS.request];

/** Ends the watch that a subscribe has written, or is about to write. */
async function endWatch(
  deps: SubscriptionStoreDeps,
  sender: Sender,
  { topic, request }: { readonly topic: string; readonly request: string | undefined },
): Promise<void> {
  await deleteWritten(
    () => unwatch(deps, sender, topic),
    (item) => request === undefined || item?.[SUBSCRIPTIONS.watch]?.S === request,
    realWaiting,
  );
}

/**
 * Writes the record and returns what the one before asked for. An existing subscription keeps its shard
 * (`if_not_exists`): the index updates asynchronously, and would list it in both shards or in none for a moment.
 */
async function writeSubscription(
  deps: SubscriptionStoreDeps,
  record: Values,
  Key: ReturnType<typeof keyOf>,
): Promise<{ readonly request?: string | undefined; readonly presence: boolean }> {
  const names = Object.keys(record).filter((name) => !(name in Key) && record[name] !== undefined);
  const kept = `#${BY_TOPIC.partitionKey} = if_not_exists(#${BY_TOPIC.partitionKey}, :${BY_TOPIC.partitionKey})`;
  const set = names.map((name) => (name === BY_TOPIC.partitionKey ? kept : `#${name} = :${name}`));
  const lacking = REMOVED_WHEN_MISSING.filter((name) => record[name] === undefined);
  const removed = lacking.map((name) => `#${name}`);
  const { Attributes = {} } = await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key,
      ConditionExpression: NOT_SUPERSEDED,
      ReturnValues: 'ALL_OLD',
      UpdateExpression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
      ExpressionAttributeNames: Object.fromEntries([...names, ...lacking].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: encodeItem(Object.fromEntries(names.map((name) => [`:${name}`, record[name]]))),
    }),
  );
  return decodeItem(OLD_SUBSCRIPTION, Attributes);
}
