import type { Pause } from './clock.ts';
import { type GivenUpBatch, makeFailureObject } from './failure-record.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';

export interface FailureWriter {
  /** True when the batch is out of the way; false when the mapping stopped before. */
  readonly write: (batch: GivenUpBatch) => Promise<boolean>;
}

/** Writes what was given up to the failure bucket, for as long as that takes; without a bucket it only warns. */
export function createFailureWriter(
  { shardId, pause }: { readonly shardId: string; readonly pause: Pause },
  context: MappingContext,
): FailureWriter {
  const { mapping, terminal } = context;
  const write = async (batch: GivenUpBatch): Promise<boolean> => {
    const what = describe(batch, context);
    const bucket = mapping.failureBucket;
    if (bucket === undefined) {
      terminal.warn(`${what}: dropped, for the mapping has no failure destination`);
      return true;
    }
    const object = { bucket, ...makeFailureObject(batch, failureContext(shardId, context)) };
    const written = await putUntilWritten(object, { pause, context });
    if (written) terminal.warn(`${what}: written to s3://${bucket}/${object.key}`);
    return written;
  };
  return { write };
}

/** The same key each time: an object written twice is one object. */
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
