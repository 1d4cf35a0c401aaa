import type { DynamoDBRecord, StreamRecord } from 'aws-lambda';
import type { Item } from '../store/attributes.ts';
import { jsonOf } from './item-json.ts';
import type { OpenedSource, TableEvent } from './table-source.ts';

/** One change of a table's item, as its stream record shows it. */
export interface TableRecord {
  readonly event: TableEvent;
  /** The key of the item as a text: records with equal ones are changes of one item. */
  readonly itemKey: string;
  readonly keys: Item;
  /** The item after the change, or before its deletion, keys included. */
  readonly item: Item;
  /** Whether DynamoDB's TTL deleted the item. */
  readonly isExpired: boolean;
  /** The record's id, unique in the stream and equal in every retry. */
  readonly eventId: string;
  readonly streamArn: string;
}

/** A stream record that cannot become a message: why not. */
export interface UnreadableRecord {
  readonly fault: string;
}

/**
 * Decodes a record of a table's stream. A record without the image that its message would be made of is a fault: the
 * stream's view lacks it.
 */
export function readTableRecord(record: DynamoDBRecord): TableRecord | UnreadableRecord {
  const { eventID, eventName, eventSourceARN, dynamodb } = record;
  if (eventID === undefined || eventName === undefined || eventSourceARN === undefined || dynamodb?.Keys === undefined)
    return { fault: 'the stream record is not whole' };
  const image = eventName === 'REMOVE' ? dynamodb.OldImage : dynamodb.NewImage;
  if (image === undefined) return { fault: `the stream has no ${eventName === 'REMOVE' ? 'old' : 'new'} image` };
  const keys = itemOf(dynamodb.Keys);
  return {
    event: eventName,
    itemKey: itemKeyOf(keys),
    keys,
    item: { ...keys, ...itemOf(image) },
    isExpired: isByTtl(record),
    eventId: eventID,
    streamArn: eventSourceARN,
  };
}

/**
 * Whether TTL deleted the item. In a replica of a global table, where the deletion is replicated, the record does not
 * say so.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
 */
const isByTtl = ({ eventName, userIdentity }: DynamoDBRecord): boolean =>
  eventName === 'REMOVE' && userIdentity?.type === 'Service' && userIdentity.principalId === 'dynamodb.amazonaws.com';

const EVENTS = { INSERT: 'insert', MODIFY: 'modify', REMOVE: 'remove' } as const;

/** The data of a message that a table's change becomes. */
export interface TableMessage {
  readonly event: (typeof EVENTS)[TableEvent];
  /** The item's key attributes. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** The projected attributes that the item has: after the change, or before its deletion. */
  readonly item: Readonly<Record<string, unknown>>;
  /** Present if TTL deleted the item. */
  readonly expired?: true;
}

/** Returns the data of the message for a change. */
export const tableMessageOf = (record: TableRecord, { project }: Pick<OpenedSource, 'project'>): TableMessage => ({
  event: EVENTS[record.event],
  keys: jsonOf(record.keys, Object.keys(record.keys)),
  item: jsonOf(record.item, project),
  ...(record.isExpired ? { expired: true } : {}),
});

/** Returns a key as a text. The order of the attributes in the record has no meaning. */
const itemKeyOf = (keys: Item): string =>
  JSON.stringify(Object.entries(keys).sort(([one], [other]) => (one < other ? -1 : 1)));

/** Returns an image of a stream's event, whose JSON equals the SDK's except for binary values: base64 texts here. */
const itemOf = (image: NonNullable<StreamRecord['NewImage']>): Item =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages' types of the same JSON
  image as Item;
