import type { DynamoDBRecord } from 'aws-lambda';
import { decodePresence, type PresenceEvent } from '../store/presence.ts';
import { imageOf, oldImageOf } from './stream-records.ts';

const BECAME = { INSERT: 'new', MODIFY: 'changed', REMOVE: 'removed' } as const;

/** What a record of the Subscriptions stream says of who is where; undefined when nothing. Throws BadRecordError. */
export function decodePresenceRecord(record: DynamoDBRecord): PresenceEvent | undefined {
  const { eventName } = record;
  const item = imageOf(record) ?? oldImageOf(record);
  return item === undefined || eventName === undefined ? undefined : decodePresence(item, BECAME[eventName]);
}
