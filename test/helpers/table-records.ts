import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import {
  openSource,
  readTableSource,
  type OpenedSource,
  type TableSource,
} from '../../shared/from-table/table-source.ts';

/** A change of an order, for a record of a stream. */
export interface OrderChange {
  readonly id: string;
  /** The record's place in the stream. */
  readonly place: number;
  readonly eventName?: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** The attributes beside the key; undefined: no image. */
  readonly item?: Record<string, AttributeValue> | undefined;
  readonly isByTtl?: boolean;
}

const TTL = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;

/** Returns a record of the stream of a table Orders, whose key is `id`. */
export function orderRecord({ id, place, eventName = 'MODIFY', item = {}, isByTtl }: OrderChange): DynamoDBRecord {
  const Keys = { id: { S: id } };
  const image = { ...Keys, ...item };
  return {
    eventID: place.toString(16).padStart(32, '0'),
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-central-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_763_640_000,
      Keys,
      ...(eventName === 'REMOVE' ? { OldImage: image } : { NewImage: image }),
      SequenceNumber: `49000000000000000${1_000 + place}`,
      SizeBytes: 1,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    ...(isByTtl === true ? { userIdentity: TTL } : {}),
    eventSourceARN: 'arn:aws:dynamodb:eu-central-1:123456789012:table/Orders/stream/2026-11-20T00:00:00.000',
  };
}

/** The source of orders by customer, with another part here and there. */
export const orderSource = (source: Partial<TableSource> = {}): OpenedSource =>
  openSource(
    readTableSource({
      topic: 'order:{customer}',
      on: ['INSERT', 'MODIFY', 'REMOVE'],
      when: {},
      project: ['status'],
      ...source,
    }),
  );
