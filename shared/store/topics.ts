import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { BadRecordError } from '../errors.ts';
import { decodeItem, encodeItem } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { decodeHead, hasNews, type Head } from './head.ts';
import { type HeadUpdate, type Increment, incrementUpdate, type Publication, publishUpdate } from './head-update.ts';
import { createKeyedWriter } from './keyed-write.ts';
import { HeldTopicError, openStream } from './held-topic.ts';
import { refusalOf } from './refusal-of.ts';
import { TOPICS } from './schema.ts';
import type { StreamState } from './stream-state.ts';
import { clearUpdate } from './stream-updates.ts';
import { isUnmade } from './unmade.ts';
import { type TopicPosition, WRITTEN_HEAD, type WrittenHead } from './written-head.ts';

/** The dependencies of the write side of topics. */
export interface TopicStoreDeps {
  /** The client for calls that may be sent twice. */
  readonly client: DynamoDBClient;
  /** The client for an ADD without a key, which must never be sent twice. */
  readonly unretriedClient: DynamoDBClient;
  readonly topicsTable: string;
  readonly keysTable: string;
  readonly now: () => number;
  /** Time in seconds for which a key counts once. Default: `KEY_SECONDS`. */
  readonly keySeconds?: number | undefined;
  readonly newEpoch: () => string;
  /** The trace of the request in flight, if it has one. */
  readonly traceId: () => string | undefined;
}

/** The position and the value of a counter after a change. */
export interface CountedPosition extends TopicPosition {
  readonly value: number;
}

/** The write side of topics: one atomic update of one item for each publish and each increment. */
export interface TopicStore {
  /**
   * Publishes messages; resolves to the position of the last. With `key`, repeats within the key's life publish once
   * and resolve to the same position. Throws `bad-topic` for a topic that must exist and does not.
   */
  readonly publish: (publication: Publication, key?: string) => Promise<TopicPosition>;
  /**
   * Adds to a counter. Throws `out-of-bounds` when it would leave its bounds, and `bad-topic` as publish does. `key` as
   * for publish.
   */
  readonly increment: (increment: Increment, key?: string) => Promise<CountedPosition>;
}

/** Creates the write side of topics. */
export function createTopicStore(deps: TopicStoreDeps): TopicStore {
  const keyedWrite = createKeyedWriter(deps);
  const write = (topic: string, update: HeadUpdate, key: string | undefined): Promise<WrittenHead> =>
    key === undefined ? updateHead(deps, topic, update) : keyedWrite({ topic, key, update });
  const context = () => ({ nowMs: deps.now(), newEpoch: deps.newEpoch(), traceId: deps.traceId() });
  return {
    publish: async (publication, key) => {
      const publish = (each: Publication) => write(each.topic, publishUpdate(each, context()), key);
      const { epoch, seq } = await publishThrough(deps, publication, publish);
      return { epoch, seq };
    },
    increment: async (increment, key) => {
      const { epoch, seq, value } = await write(increment.topic, incrementUpdate(increment, context()), key);
      if (value === undefined) throw new BadRecordError('attribute value is not a whole number');
      return { epoch, seq, value };
    },
  };
}

/**
 * Publishes; where the topic's stream has to be looked at, by what the refusal says of it: a stream with an end is put
 * off, and one whose time is over makes room. Throws ClientError `topic-closed`, and `bad-topic` for a stream of bytes.
 */
async function publishThrough(
  deps: TopicStoreDeps,
  publication: Publication,
  publish: (publication: Publication) => Promise<WrittenHead>,
): Promise<WrittenHead> {
  let stream: StreamState | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await publish({ ...publication, ...(stream === undefined ? {} : { stream }) });
    } catch (error) {
      if (!(error instanceof HeldTopicError) || attempt === STORE_BOUNDS.STREAM_ATTEMPTS) throw error;
      const open = openStream(error.head, deps.now());
      stream = open === 'over' ? undefined : open;
      if (open === 'over') await clearStream(deps, publication.topic);
    }
  }
}

/** Clears away a stream whose time is over, unless somebody has used it meanwhile. */
async function clearStream(deps: TopicStoreDeps, topic: string): Promise<void> {
  const { values, ...update } = clearUpdate(deps.now());
  const command = new UpdateItemCommand({
    ...update,
    ExpressionAttributeValues: encodeItem(values),
    TableName: deps.topicsTable,
    Key: encodeItem({ [TOPICS.partitionKey]: topic }),
  });
  await deps.client.send(command).catch((error: unknown) => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  });
}

/** Reads the head of a topic, strongly consistent; undefined when nobody has published to it yet. */
export const findHead = (client: DynamoDBClient, table: string, topic: string): Promise<Head | undefined> =>
  readHead(client, table, { topic, ConsistentRead: true });

/** Reads the head of a topic for half the price: as it is, or as it was some milliseconds ago. */
export const glanceAtHead = (client: DynamoDBClient, table: string, topic: string): Promise<Head | undefined> =>
  readHead(client, table, { topic, ConsistentRead: false });

async function readHead(
  client: DynamoDBClient,
  TableName: string,
  { topic, ConsistentRead }: { readonly topic: string; readonly ConsistentRead: boolean },
): Promise<Head | undefined> {
  const Key = encodeItem({ [TOPICS.partitionKey]: topic });
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead }));
  return Item !== undefined && hasNews(Item) ? decodeHead(Item) : undefined;
}

async function updateHead(deps: TopicStoreDeps, topic: string, update: HeadUpdate): Promise<WrittenHead> {
  const command = new UpdateItemCommand({
    TableName: deps.topicsTable,
    Key: encodeItem({ [TOPICS.partitionKey]: topic }),
    UpdateExpression: update.expression,
    ExpressionAttributeNames: update.names,
    ExpressionAttributeValues: encodeItem(update.values),
    ...(update.condition === undefined ? {} : { ConditionExpression: update.condition }),
    ...(update.mustExist || update.delta === undefined ? { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } : {}),
    ReturnValues: 'UPDATED_NEW',
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return decodeItem(WRITTEN_HEAD, (await deps.unretriedClient.send(command)).Attributes ?? {});
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw refusalOf(update, error.Item, error);
      if (!isUnmade(error) || attempt === STORE_BOUNDS.REFUSED_WRITE_ATTEMPTS) throw error;
    }
    await backOff(attempt, { baseMs: STORE_BOUNDS.WRITE_BACKOFF_MS, capMs: STORE_BOUNDS.WRITE_BACKOFF_CAP_MS });
  }
}
