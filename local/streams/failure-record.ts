import type { StreamRecord } from './stream-record.ts';

const MS_PER_SECOND = 1_000;
/** The length of an ISO timestamp up to the seconds. */
const ISO_SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length;
/** The length of the date in an ISO timestamp. */
const ISO_DATE_LENGTH = 'YYYY-MM-DD'.length;

/** A batch that was given up, with the reason. */
export interface GivenUpBatch {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** Never empty. */
  readonly records: readonly StreamRecord[];
  readonly invokeCount: number;
  readonly requestId: string;
  readonly functionError: 'Unhandled' | null;
}

/** The values in a failure object that do not come from the batch. */
export interface FailureContext {
  readonly mappingUuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly nowMs: number;
  readonly objectUuid: string;
}

/**
 * Returns the object that Lambda writes to an S3 on-failure destination: the record that it sends to a queue, and the
 * payload.
 */
export function makeFailureObject(batch: GivenUpBatch, context: FailureContext): { key: string; body: string } {
  const events = batch.records.map((record) => record.event);
  const body = {
    requestContext: {
      requestId: batch.requestId,
      functionArn: context.functionArn,
      condition: batch.condition,
      approximateInvokeCount: batch.invokeCount,
    },
    ...(batch.condition === 'RetryAttemptsExhausted' && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: batch.functionError },
    }),
    version: '1.0',
    timestamp: new Date(context.nowMs).toISOString(),
    DDBStreamBatchInfo: batchInfo(batch.records, context),
    payload: JSON.stringify({ Records: events }),
  };
  return { key: objectKey(context), body: JSON.stringify(body) };
}

function batchInfo(records: readonly StreamRecord[], context: FailureContext): Readonly<Record<string, unknown>> {
  const first = records.at(0);
  const last = records.at(-1);
  return {
    shardId: context.shardId,
    startSequenceNumber: first?.streamSequenceNumber,
    endSequenceNumber: last?.streamSequenceNumber,
    approximateArrivalOfFirstRecord: arrivalOf(first),
    approximateArrivalOfLastRecord: arrivalOf(last),
    batchSize: records.length,
    streamArn: context.streamArn,
  };
}

/** Returns a record's creation time in ISO 8601, without a fraction, as on AWS. */
function arrivalOf(record: StreamRecord | undefined): string | undefined {
  if (record === undefined) return undefined;
  const iso = new Date(record.event.dynamodb.ApproximateCreationDateTime * MS_PER_SECOND).toISOString();
  return `${iso.slice(0, ISO_SECONDS_LENGTH)}Z`;
}

function objectKey({ mappingUuid, shardId, nowMs, objectUuid }: FailureContext): string {
  const iso = new Date(nowMs).toISOString();
  const day = iso.slice(0, ISO_DATE_LENGTH).replaceAll('-', '/');
  const time = iso.slice(0, ISO_SECONDS_LENGTH).replaceAll(':', '.');
  return `aws/lambda/${mappingUuid}/${shardId}/${day}/${time}-${objectUuid}`;
}
