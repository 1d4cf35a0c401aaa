import type { DynamoDBRecord, StreamRecord } from 'aws-lambda';
import { BadRecordError } from '../errors.ts';
import { counterName } from '../protocol/topic.ts';
import type { Item } from '../store/attributes.ts';
import { decodeHeads, type Head, type MessageHead } from '../store/head.ts';
import { decodeShards, isGrowth } from '../store/topic-shards.ts';

/** One change of a topic, as its stream record tells it; those of one publish share a record. */
export interface Change {
  readonly head: Head;
  /** Shards that the topic had when this was published: it is due to the subscribers in these. */
  readonly shards: number;
  /** DynamoDB Streams' own number: the `itemIdentifier` of a failure. Not our `seq`. */
  readonly streamSequenceNumber: string;
}

/**
 * The changes in a stream record, in order: several when they were published at once, and none in a record of something else
 * (a deletion, a foreign item, a topic that only got more shards). Throws BadRecordError.
 */
export function decodeChanges(record: DynamoDBRecord): readonly Change[] {
  const image = imageOf(record);
  if (image === undefined || image['topic'] === undefined || image['seq'] === undefined) return [];
  if (isGrowth(image)) return [];
  const [shards, streamSequenceNumber] = [decodeShards(image), streamSequenceNumberOf(record)];
  return decodeHeads(image).map((head) => ({ head, shards, streamSequenceNumber }));
}

/** The record's number in its stream. Throws BadRecordError. */
export function streamSequenceNumberOf(record: DynamoDBRecord): string {
  const number = record.dynamodb?.SequenceNumber;
  if (number === undefined) throw new BadRecordError('a stream record has no SequenceNumber');
  return number;
}

/** The frame that tells subscribers of a change. Encoded once, however many get it. */
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

/** The connection that asked not to get this back. */
export const excludedBy = ({ head }: Change): string | undefined =>
  head.kind === 'message' ? head.exclude : undefined;

/** A `message` frame. The stored JSON text goes in as it is: it was checked when it was decoded. */
export function encodeMessage({ topic, epoch, seq, publishedAt, message }: Omit<MessageHead, 'kind'>): string {
  const envelope = JSON.stringify({
    type: 'message',
    topic,
    epoch,
    seq,
    publishedAt: new Date(publishedAt).toISOString(),
  });
  return `${envelope.slice(0, -1)},"data":${message}}`;
}

/** The item after the change; undefined for a deletion. */
export const imageOf = ({ eventName, dynamodb }: DynamoDBRecord): Item | undefined =>
  eventName === 'REMOVE' ? undefined : itemOf(dynamodb?.NewImage);

/** The item before the change, where the stream tells it. */
export const oldImageOf = ({ dynamodb }: DynamoDBRecord): Item | undefined => itemOf(dynamodb?.OldImage);

/** A stream's event shows an item just as the SDK does, but for binary attributes, which we have none of. */
const itemOf = (image: StreamRecord['NewImage']): Item | undefined =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages' types of the same JSON
  image as Item | undefined;
