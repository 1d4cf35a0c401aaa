import { createPause } from './clock.ts';
import { createFailureWriter } from './failure-writer.ts';
import type { MappingContext } from './mapping-context.ts';
import type { StreamRecord } from './stream-record.ts';

/** The records of a shard that cannot be decoded, filtered or assigned to a lane. */
export interface BadRecords {
  /** Warns of a record and writes it to the failure destination, without invoking the function. */
  readonly giveUp: (record: StreamRecord, error: unknown) => void;
  /** Ends the waits. The context's `stopping` must be aborted before. */
  readonly stop: () => void;
  /** Resolves when no write is in flight any more, after `stop`. */
  readonly stopped: () => Promise<void>;
}

/** The options of a shard's bad records. */
export interface BadRecordsOptions {
  readonly shardId: string;
  /** Called with records that are in the failure destination. */
  readonly finish: (records: readonly StreamRecord[]) => void;
}

/** Creates the shard's way to the failure destination for bad records, which are written one at a time. */
export function createBadRecords({ shardId, finish }: BadRecordsOptions, context: MappingContext): BadRecords {
  const pause = createPause(context.clock);
  const writer = createFailureWriter({ shardId, pause }, context);
  let writing: Promise<void> = Promise.resolve();
  const write = async (record: StreamRecord): Promise<void> => {
    const reason = { condition: 'RetryAttemptsExhausted', invokeCount: 0, functionError: null } as const;
    const requestId = context.randomUUID();
    if (await writer.write({ ...reason, requestId, records: [record] })) finish([record]);
  };
  return {
    giveUp: (record, error) => {
      const where = `${context.functionName}: record ${record.event.dynamodb.SequenceNumber} of ${context.tableName}`;
      context.terminal.warn(`${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      writing = writing.then(() => write(record));
    },
    stop: () => pause.end(),
    stopped: () => writing,
  };
}
