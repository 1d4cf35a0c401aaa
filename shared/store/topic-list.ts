import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { lenient, mapOf, text, wholeNumber } from './item-schema.ts';
import { BY_TOPIC, CONNECTION_RECORD, subjectShard, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { recordOf } from './connection-record.ts';
import { keyOf, type Sender } from './subscription-record.ts';

/**
 * Number of topics of which a connection's list keeps when they were left. Past it the list begins to collect anew: an
 * earlier subscribe that is handled later than that subscribes again.
 * @limit operator
 */
export const LEFT_TOPICS = 32;

/** A topic, and the request that subscribes to it. */
export interface TopicRequest {
  readonly topic: string;
  readonly requestId: string;
}

const LIST = { topics: mapOf(lenient(text)), left: mapOf(lenient(wholeNumber)) } as const;

/** The entry of a topic: the time of the frame, which orders entries as texts, and its request. */
const entryOf = ({ receivedAt = 0 }: Sender, requestId: string): string => `${receivedAt}#${requestId}`;

/** Returns the text behind which all entries of later frames are, and before which all others: `$` follows `#`. */
const lastEntryOf = ({ receivedAt = 0 }: Sender): string => `${receivedAt}$`;

/**
 * Returns the list of a new connection as plain values: its topics, and when it left which. The index lists it by its
 * subject.
 */
export const newList = (connection: Sender, requests: readonly TopicRequest[]): Values => ({
  ...recordOf(connection, CONNECTION_RECORD),
  topics: new Map(requests.map(({ topic, requestId }) => [topic, entryOf(connection, requestId)])),
  left: {},
  [SUBSCRIPTIONS.seen]: connection.seen,
  [BY_TOPIC.partitionKey]: connection.subject === undefined ? undefined : subjectShard(connection.subject),
});

/**
 * Adds the topic to the connection's list. Resolves to false if a later frame has left the topic. Throws
 * `too-many-topics`.
 */
export async function listTopic(deps: SubscriberStoreDeps, sender: Sender, request: TopicRequest): Promise<boolean> {
  const first = await update(deps, sender, listing(sender, request));
  // There may be no list: the connection's records were deleted by mistake, and yet it lives.
  const isMissing = !first.isApplied && !first.hasList;
  if (isMissing) await createList(deps, sender, request.requestId);
  const updated = isMissing ? await update(deps, sender, listing(sender, request)) : first;
  if (updated.isApplied) return true;
  if (isLeftLater(updated, sender, request.topic)) return false;
  throw tooManyTopics(updated.cause);
}

const listing = (sender: Sender, { topic, requestId }: TopicRequest): ListUpdate => ({
  UpdateExpression: 'SET topics.#topic = :entry',
  ConditionExpression: `(size(topics) < :max OR attribute_exists(topics.#topic)) AND (${NOT_LEFT_LATER})`,
  topic,
  values: {
    ':entry': entryOf(sender, requestId),
    ':max': LIMITS.TOPICS_PER_CONNECTION,
    ':receivedAt': sender.receivedAt ?? 0,
  },
});

/** The end of taking a topic off the list. */
export interface Unlisted {
  /** Whether a later frame has subscribed to the topic, or left it. */
  readonly isSuperseded: boolean;
  /** The request that had put the topic on the list, if any. */
  readonly request?: string | undefined;
}

/**
 * Takes the topic off the list and keeps the time in it, so that no earlier subscribe puts it back; not if a later
 * frame has subscribed to it or left it.
 */
export async function unlistTopic(deps: SubscriberStoreDeps, sender: Sender, topic: string): Promise<Unlisted> {
  const { receivedAt = 0 } = sender;
  const values = { ':receivedAt': receivedAt, ':last': lastEntryOf(sender) };
  const kept: ListUpdate = {
    UpdateExpression: 'SET #left.#topic = :receivedAt REMOVE topics.#topic',
    ConditionExpression: `${NOT_LATER} AND (size(#left) < :most OR attribute_exists(#left.#topic))`,
    topic,
    values: { ...values, ':most': LEFT_TOPICS },
  };
  const updated = await update(deps, sender, kept);
  if (updated.isApplied) return { isSuperseded: false, request: updated.request };
  const isListedLater = (updated.topics.get(topic) ?? '') > lastEntryOf(sender);
  if (isListedLater || isLeftLater(updated, sender, topic)) return { isSuperseded: true };
  // Without a list, nothing holds back an earlier subscribe. A full one collects anew, and so does one of before.
  const collectAnew = { ...kept, UpdateExpression: 'SET #left = :fresh REMOVE topics.#topic' };
  const fresh = { ...values, ':fresh': new Map([[topic, receivedAt]]) };
  const anew = await update(deps, sender, { ...collectAnew, ConditionExpression: NOT_LATER, values: fresh });
  return anew.isApplied ? { isSuperseded: false, request: anew.request } : { isSuperseded: anew.hasList };
}

const NOT_LEFT_LATER = 'attribute_not_exists(#left.#topic) OR #left.#topic <= :receivedAt';

/** The condition that there is a list, in which no later frame has put the topic or left it. */
const NOT_LATER =
  'attribute_exists(topics) AND (attribute_not_exists(topics.#topic) OR topics.#topic < :last) ' +
  `AND (${NOT_LEFT_LATER})`;

interface ListUpdate {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly topic: string;
  readonly values: Values;
}

/** An update that was made, and the request that had put the topic on the list. */
interface Applied {
  readonly isApplied: true;
  readonly request: string | undefined;
}

/** The list as it was when an update of it was refused. */
interface Refused {
  readonly isApplied: false;
  readonly hasList: boolean;
  readonly topics: ReadonlyMap<string, string | undefined>;
  readonly left: ReadonlyMap<string, number | undefined>;
  readonly cause: unknown;
}

/** Updates the list, if the condition holds. */
async function update(
  { client, table }: SubscriberStoreDeps,
  { connectionId }: Sender,
  { topic, values, ...expressions }: ListUpdate,
): Promise<Applied | Refused> {
  try {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(connectionId, CONNECTION_RECORD),
        ...expressions,
        ExpressionAttributeNames: { '#topic': topic, '#left': 'left' },
        ExpressionAttributeValues: encodeItem(values),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ReturnValues: 'UPDATED_OLD',
      }),
    );
    const entry = listOf(Attributes).topics.get(topic);
    return { isApplied: true, request: entry?.slice(entry.indexOf('#') + 1) };
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    return { isApplied: false, ...listOf(cause.Item ?? {}), hasList: cause.Item?.['topics'] !== undefined, cause };
  }
}

const listOf = (item: Item) => decodeItem(LIST, item);

const isLeftLater = ({ left }: Refused, { receivedAt = 0 }: Sender, topic: string): boolean =>
  (left.get(topic) ?? 0) > receivedAt;

/**
 * Creates an empty list, unless another request has created one meanwhile: its entries must stay. No sweep could find
 * the connection while it had none, so the list of a subject asks whether the subject was revoked meanwhile.
 */
async function createList(deps: SubscriberStoreDeps, connection: Sender, requestId: string): Promise<void> {
  const request = connection.subject === undefined ? undefined : requestId;
  const create = new PutItemCommand({
    TableName: deps.table,
    Item: encodeItem({ ...newList(connection, []), [SUBSCRIPTIONS.request]: request }),
    ConditionExpression: 'attribute_not_exists(topics)',
  });
  try {
    await deps.client.send(create);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const tooManyTopics = (cause: unknown): ClientError =>
  new ClientError('too-many-topics', `A connection may be subscribed to ${LIMITS.TOPICS_PER_CONNECTION} topics.`, {
    cause,
  });
