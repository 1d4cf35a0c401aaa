import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { decodePresence, type PresenceEvent } from '../store/presence.ts';

const BECAME = { INSERT: 'new', MODIFY: 'changed', REMOVE: 'removed' } as const;

/** What a record of the Subscriptions stream says of who is where; undefined when nothing. Throws BadRecordError. */
export function decodePresenceRecord({ eventName, dynamodb }: DynamoDBRecord): PresenceEvent | undefined {
  const image = eventName === 'REMOVE' ? dynamodb?.OldImage : dynamodb?.NewImage;
  if (image === undefined || eventName === undefined) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages' types of the same JSON
  return decodePresence(image as Record<string, AttributeValue>, BECAME[eventName]);
}
