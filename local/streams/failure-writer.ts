import type { Pause } from './clock.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';
import type { StreamRecord } from './stream-record.ts';

const MS_PER_SECOND = 1_000;

/** The length of an ISO timestamp up to the seconds. */
const ISO_SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length;

/** The length of the date in an ISO timestamp. */
const ISO_DATE_LENGTH = 'YYYY-MM-DD'.length;

/** A writer of batches that were given up. */
export interface FailureWriter {
  /** Writes a batch. Resolves to true if it needs no more work, and to false if the mapping stopped first. */
  readonly write: (batch: GivenUpBatch) => Promise<boolean>;
}

/**
 * Creates a failure writer, which writes to the failure bucket and retries until that succeeds, or sends to the failure
 * queue. Without either it only warns.
 */
export function createFailureWriter(
  { shardId, pause }: { readonly shardId: string; readonly pause: Pause },
  context: MappingContext,
): FailureWriter {
  const { mapping, terminal } = context;
  const write = async (batch: GivenUpBatch): Promise<boolean> => {
    const what = describe(batch, context);
    const { failureBucket: bucket, failureQueue } = mapping;
    if (failureQueue !== undefined) {
      const { payload: _payload, ...record } = failureRecord(batch, failureContext(shardId, context));
      context.sendToQueue(failureQueue, JSON.stringify(record));
      terminal.warn(`${what}: sent to ${failureQueue}`);
      return true;
    }
    if (bucket === undefined) {
      terminal.warn(`${what}: dropped, because the mapping has no on-failure destination`);
      return true;
    }
    const object = { bucket, ...makeFailureObject(batch, failureContext(shardId, context)) };
    const written = await putUntilWritten(object, { pause, context });
    if (written) terminal.warn(`${what}: written to s3://${bucket}/${object.key}`);
    return written;
  };
  return { write };
}

/** Writes an object and retries with the same key, so that repeated writes make one object. */
async function putUntilWritten(
  object: { readonly bucket: string; readonly key: string; readonly body: string },
  { pause, context }: { readonly pause: Pause; readonly context: MappingContext },
): Promise<boolean> {
  for (let failures = 1; !context.ended.aborted; failures += 1) {
    try {
      await context.putFailure(object);
      return true;
    } catch (error) {
      if (failures === 1)
        context.terminal.warn(`Cannot write to s3://${object.bucket}, trying again: ${String(error)}`);
      if (context.stopping.aborted) return false;
      await pause.wait(retryDelayMs(failures, context.tuning, context.random));
    }
  }
  return false;
}

function failureContext(shardId: string, context: MappingContext): Parameters<typeof makeFailureObject>[1] {
  return {
    mappingUuid: context.mapping.uuid,
    functionArn: context.mapping.functionArn,
    streamArn: context.mapping.streamArn,
    shardId,
    nowMs: context.clock.now(),
    objectUuid: context.randomUUID(),
  };
}

function describe({ condition, records }: GivenUpBatch, { tableName, functionName }: MappingContext): string {
  return `${functionName} gave up ${records.length} record(s) of ${tableName} (${condition})`;
}

/** A batch that was given up, with the reason. */
interface GivenUpBatch {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** Never empty. */
  readonly records: readonly StreamRecord[];
  readonly invokeCount: number;
  readonly requestId: string;
  readonly functionError: 'Unhandled' | null;
}

/** The values in a failure object that do not come from the batch. */
interface FailureContext {
  readonly mappingUuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly nowMs: number;
  readonly objectUuid: string;
}

/** Returns the object that Lambda writes to an S3 on-failure destination. */
const makeFailureObject = (batch: GivenUpBatch, context: FailureContext): { key: string; body: string } => ({
  key: objectKey(context),
  body: JSON.stringify(failureRecord(batch, context)),
});

/** Returns the record of a batch that was given up. A queue gets it without the payload. */
function failureRecord(batch: GivenUpBatch, context: FailureContext) {
  const events = batch.records.map((record) => record.event);
  return {
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
}

function batchInfo(records: readonly StreamRecord[], context: FailureContext): Readonly<Record<string, unknown>> {
  const first = records.at(0);
  const last = records.at(-1);
  return {
    shardId: context.shardId,
    startSequenceNumber: first?.event.dynamodb.SequenceNumber,
    endSequenceNumber: last?.event.dynamodb.SequenceNumber,
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
