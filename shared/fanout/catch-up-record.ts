import type { DynamoDBRecord } from 'aws-lambda';
import { type CatchUpRequest, decodeCatchUpRequest } from '../store/catch-up-request.ts';
import { SUBSCRIPTIONS } from '../store/schema.ts';
import { imageOf, oldImageOf } from './stream-records.ts';

/** What a record of the Subscriptions stream asks for; undefined for one that asks nothing new. Throws BadRecordError. */
export function decodeCatchUp(record: DynamoDBRecord): CatchUpRequest | undefined {
  const image = imageOf(record);
  const before = oldImageOf(record)?.[SUBSCRIPTIONS.request]?.S;
  if (image === undefined || image[SUBSCRIPTIONS.request]?.S === before) return undefined;
  return decodeCatchUpRequest(image);
}
