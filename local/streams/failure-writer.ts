import type { Pause } from './clock.ts';
import { type GivenUpBatch, makeFailureObject } from './failure-record.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';

/** A writer of batches that were given up. */
export interface FailureWriter {
  /** Writes a batch. Resolves to true if it needs no more work, and to false if the mapping stopped first. */
  readonly write: (batch: GivenUpBatch) => Promise<boolean>;
}

/**
 * Creates a failure writer, which writes to the failure bucket and retries until that succeeds. Without a bucket it
 * only warns.
 */
export function createFailureWriter(
  { shardId, pause }: { readonly shardId: string; readonly pause: Pause },
  context: MappingContext,
): FailureWriter {
  const { mapping, terminal } = context;
  const write = async (batch: GivenUpBatch): Promise<boolean> => {
    const what = describe(batch, context);
    const bucket = mapping.failureBucket;
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
