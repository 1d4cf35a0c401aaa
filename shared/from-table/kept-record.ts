import { createHash } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';

/** The prefix in the failure bucket of records that can never be published. Lambda writes under `aws/lambda/`. */
export const KEPT_PREFIX = 'table-records/';

/** An object of the failure bucket. */
export interface KeptObject {
  readonly key: string;
  readonly body: string;
}

/** The function that keeps a record. */
interface Keeper {
  readonly functionArn: string;
  readonly requestId: string;
}

/**
 * Returns the object in which a record is kept, in the form of Lambda's own failure records. Its name follows from the
 * record: one that is handed over again overwrites it.
 */
export function keptObject(record: DynamoDBRecord, fault: string, { functionArn, requestId }: Keeper): KeptObject {
  const writtenAt = new Date((record.dynamodb?.ApproximateCreationDateTime ?? 0) * MS_PER_SECOND).toISOString();
  const name = functionArn.split(':').at(-1) ?? '';
  const sequenceNumber = record.dynamodb?.SequenceNumber;
  const body = {
    requestContext: { requestId, functionArn, condition: `Unpublishable: ${fault}`, approximateInvokeCount: 1 },
    version: '1.0',
    timestamp: writtenAt,
    DDBStreamBatchInfo: {
      startSequenceNumber: sequenceNumber,
      endSequenceNumber: sequenceNumber,
      batchSize: 1,
      streamArn: record.eventSourceARN,
    },
    payload: JSON.stringify({ Records: [record] }),
  };
  const time = writtenAt.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(':', '.');
  return { key: `${KEPT_PREFIX}${name}/${time}-${uuidOf(record)}`, body: JSON.stringify(body) };
}

const MS_PER_SECOND = 1_000;

/** The lengths in hexadecimal digits of a UUID's groups. */
const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/;

/** Returns a UUID that follows from the record's identity. */
const uuidOf = ({ eventSourceARN, eventID }: DynamoDBRecord): string =>
  createHash('sha256').update(`${eventSourceARN} ${eventID}`).digest('hex').replace(UUID, '$1-$2-$3-$4-$5');
