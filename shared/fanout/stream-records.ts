import type { DynamoDBRecord, StreamRecord } from 'aws-lambda';
import { BadRecordError } from '../errors.ts';
import type { Position } from '../protocol/position.ts';
import { counterName } from '../protocol/topic.ts';
import type { Item } from '../store/attributes.ts';
import { decodeHeads, hasNews, type Head, type MessageHead } from '../store/head.ts';
import { decodeHistoryRequest, isHistoryRequest } from '../store/history-request.ts';
import { decodeOwed, type OwedCatchUp } from '../store/owed.ts';
import { decodePresence, type PresenceEvent } from '../store/presence.ts';
import { decodeRevocations, isRevocations, type Revocations } from '../store/revocations.ts';
import { SUBSCRIPTIONS } from '../store/schema.ts';
import { type CatchUpRequest, decodeCatchUpRequest } from '../store/catch-up-request.ts';
import { decodeShards, isGrowth } from '../store/topic-shards.ts';

/** One change of a topic, as its stream record shows it. The messages of one publish share a record. */
export interface Change {
  readonly head: Head;
  /** The number of shards that the topic had then: the change is due to the subscribers in these. */
  readonly shards: number;
  /** The number by DynamoDB Streams, the `itemIdentifier` of a failure. The topic's own `seq` is another number. */
  readonly streamSequenceNumber: string;
}

/**
 * Decodes the changes in a record of the Topics stream, in order: several when they were published at once, and none in
 * a record of a deletion, of a foreign item, or of a topic that changed without a message. Throws BadRecordError.
 */
export function decodeChanges(record: DynamoDBRecord): readonly Change[] {
  const image = imageOf(record);
  if (image === undefined || image['topic'] === undefined || !hasNews(image)) return [];
  if (isGrowth(image)) return decodeClosing(image, record);
  const [shards, streamSequenceNumber] = [decodeShards(image), streamSequenceNumberOf(record)];
  return decodeHeads(image).map((head) => ({ head, shards, streamSequenceNumber }));
}

/**
 * Decodes the change in a record that brings no message: where the topic is closed, its newest message again, which
 * says so; otherwise none.
 */
function decodeClosing(image: Item, record: DynamoDBRecord): readonly Change[] {
  const newest = decodeHeads(image).at(-1);
  if (newest === undefined || newest.kind === 'counter' || newest.closed === undefined) return [];
  return [{ head: newest, shards: decodeShards(image), streamSequenceNumber: streamSequenceNumberOf(record) }];
}

/** Returns the record's number in its stream. Throws BadRecordError. */
export function streamSequenceNumberOf(record: DynamoDBRecord): string {
  const number = record.dynamodb?.SequenceNumber;
  if (number === undefined) throw new BadRecordError('a stream record has no SequenceNumber');
  return number;
}

/** Encodes the frame by which subscribers learn of a change. */
export const encodeChange = ({ head }: Change): string =>
  head.kind === 'message'
    ? encodeMessage(head)
    : JSON.stringify({
        type: 'state',
        counter: counterName(head.topic),
        value: head.value,
        epoch: head.epoch,
        seq: head.seq,
      });

/** Returns the connection that published the change and asked not to get it back. */
export const excludedBy = ({ head }: Change): string | undefined =>
  head.kind === 'message' ? head.exclude : undefined;

/** Returns the position of a client that has everything before this seq. */
export const positionBefore = ({ epoch, seq }: Position): Position => ({ epoch, seq: seq - 1 });

/** Encodes a `message` frame. The stored JSON text is inserted as it is: it was validated when it was published. */
export function encodeMessage(head: Omit<MessageHead, 'kind'>): string {
  const { topic, epoch, seq, publishedAt, from, closed, message } = head;
  const envelope = JSON.stringify({
    type: 'message',
    topic,
    epoch,
    seq,
    publishedAt: new Date(publishedAt).toISOString(),
    from,
    closed,
  });
  return `${envelope.slice(0, -1)},"data":${message}}`;
}

/**
 * Decodes the request in a record of the Subscriptions stream: catch up a subscription, answer a ping, or send older
 * messages. Returns undefined for a record without a new request. Throws BadRecordError.
 */
export function decodeCatchUp(record: DynamoDBRecord): CatchUpRequest | undefined {
  const image = imageOf(record);
  if (image === undefined) return undefined;
  if (hasNewRequest(record)) return decodeCatchUpRequest(image);
  return asksForHistory(record) ? decodeHistoryRequest(image) : undefined;
}

/** Whether a record of the Subscriptions stream was made by a write that asks for a catch-up or a sweep. */
export const hasNewRequest = (record: DynamoDBRecord): boolean =>
  imageOf(record)?.[SUBSCRIPTIONS.request]?.S !== oldImageOf(record)?.[SUBSCRIPTIONS.request]?.S;

/** Whether a record of the Subscriptions stream was made by a request for older messages. */
export function asksForHistory(record: DynamoDBRecord): boolean {
  const image = imageOf(record);
  return image !== undefined && isHistoryRequest(image, oldImageOf(record));
}

/** Decodes the revocations in a record that asks for a sweep; undefined for any other record. Throws BadRecordError. */
export function decodeRevocation(record: DynamoDBRecord): Revocations | undefined {
  const image = imageOf(record);
  if (image === undefined || !isRevocations(image)) return undefined;
  return hasNewRequest(record) ? decodeRevocations(image) : undefined;
}

/** Decodes the debt in a record of the Subscriptions stream; undefined without a new one. Throws BadRecordError. */
export function decodeDebt(record: DynamoDBRecord): OwedCatchUp | undefined {
  const image = imageOf(record);
  return image === undefined ? undefined : decodeOwed(image, oldImageOf(record));
}

const BECAME = { INSERT: 'new', MODIFY: 'changed', REMOVE: 'removed' } as const;

/**
 * Decodes the presence event in a record of the Subscriptions stream: a member that joined or left, a new watcher, a
 * new state, or the clock of members that are away. Returns undefined for any other record. Throws BadRecordError.
 */
export function decodePresenceRecord(record: DynamoDBRecord): PresenceEvent | undefined {
  const { eventName } = record;
  const item = imageOf(record) ?? oldImageOf(record);
  if (item === undefined || eventName === undefined) return undefined;
  return decodePresence(item, { became: BECAME[eventName], before: oldImageOf(record) });
}

/** Returns the item after the change; undefined for a deletion. */
export const imageOf = ({ eventName, dynamodb }: DynamoDBRecord): Item | undefined =>
  eventName === 'REMOVE' ? undefined : itemOf(dynamodb?.NewImage);

/** Returns the item before the change, if the stream's view has it. */
const oldImageOf = ({ dynamodb }: DynamoDBRecord): Item | undefined => itemOf(dynamodb?.OldImage);

/**
 * Returns an item of a stream's event, whose JSON equals the SDK's except for binary attributes, which no item here
 * has.
 */
const itemOf = (image: StreamRecord['NewImage']): Item | undefined =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages' types of the same JSON
  image as Item | undefined;
