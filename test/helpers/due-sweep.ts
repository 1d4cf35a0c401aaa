import type { LambdaRecord } from '../../local/streams/stream-record.ts';

/** Returns a record as it is; one that asks for a later sweep of a revocation as if the time for it had come. */
export function dueNow(record: LambdaRecord): LambdaRecord {
  const image = record.dynamodb.NewImage;
  if (image?.['dueAt'] === undefined) return record;
  return { ...record, dynamodb: { ...record.dynamodb, NewImage: { ...image, dueAt: { N: '0' } } } };
}
