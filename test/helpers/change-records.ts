import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';

/** Stands for any time of a publish. */
export const PUBLISHED_AT = Date.UTC(2026, 10, 20, 12, 0, 0, 7);

export interface HeadFields {
  readonly topic: string;
  readonly seq: number;
  readonly epoch?: string;
  readonly publishedAt?: number;
  readonly exclude?: string;
  /** A message by default: its `seq` as JSON. */
  readonly message?: string;
  /** Several that were published at once, the last of which has this `seq`. */
  readonly messages?: readonly string[];
  readonly value?: number;
  readonly shards?: number;
  readonly grownAt?: number;
}

/** The image of a head, as a stream of Topics shows it. */
export function headImage(fields: HeadFields): Record<string, AttributeValue> {
  const { topic, seq, epoch = 'e1', publishedAt = PUBLISHED_AT, exclude, message = String(seq), value } = fields;
  const { shards, grownAt, messages } = fields;
  const published = messages === undefined ? { message: { S: message } } : { messages: { L: messages.map(textOf) } };
  return {
    topic: { S: topic },
    seq: { N: String(seq) },
    epoch: { S: epoch },
    publishedAt: { N: String(publishedAt) },
    expiresAt: { N: '1800000000' },
    ...(value === undefined ? published : { value: { N: String(value) } }),
    ...(exclude === undefined ? {} : { exclude: { S: exclude } }),
    ...(shards === undefined ? {} : { shards: { N: String(shards) } }),
    ...(grownAt === undefined ? {} : { grownAt: { N: String(grownAt) } }),
  };
}

const textOf = (text: string): AttributeValue => ({ S: text });

/** A stream record with this image. */
export function recordOf(streamSequenceNumber: string, image: Record<string, AttributeValue>): DynamoDBRecord {
  return {
    eventID: streamSequenceNumber,
    eventName: 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-central-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_763_640_000,
      Keys: {},
      NewImage: image,
      SequenceNumber: streamSequenceNumber,
      SizeBytes: 1,
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: 'arn:aws:dynamodb:eu-central-1:123456789012:table/Topics/stream/2026-11-20T00:00:00.000',
  };
}

/** The record of one change of a topic; its number in the stream follows from its place. */
export const changeRecord = (place: number, fields: HeadFields): DynamoDBRecord =>
  recordOf(numberOf(place), headImage(fields));

/** The stream's own number of the record at a place: nothing that could be mistaken for a seq. */
export const numberOf = (place: number): string => `49000000000000000${1_000 + place}`;
