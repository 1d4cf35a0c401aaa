import type { _Record as EngineRecord } from '@aws-sdk/client-dynamodb-streams';
import { type ShardLane, startShardLane } from './shard-lane.ts';
import type { MappingContext } from './mapping-context.ts';
import { createSequenceProgress } from './sequence-progress.ts';
import { decodeEngineRecord, type StreamRecord, sequenceNumberOf } from './stream-record.ts';

/** The offset basis of FNV-1a with 32 bits. */
const HASH_OFFSET = 0x811c9dc5;
/** The prime of FNV-1a with 32 bits. */
const HASH_PRIME = 0x01000193;

/** The work on one shard's records: filters them, distributes them over the lanes, and saves the checkpoint. */
export interface ShardWork {
  readonly accept: (records: readonly EngineRecord[]) => void;
  /** Returns false while the waiting records reach the read-ahead bound and reading must pause. */
  readonly hasRoom: () => boolean;
  /** Returns whether all accepted records are done. */
  readonly isDone: () => boolean;
  /** Ends the lanes' waits. The context's `stopping` must be aborted before. */
  readonly stop: () => void;
  readonly stopped: Promise<unknown>;
}

/** The options of a shard's work. */
export interface ShardWorkOptions {
  readonly shardId: string;
  /** Called when records are done: there may be room for more, or everything may be done. */
  readonly onProgress: () => void;
}

/** Starts the lanes of one shard. */
export function startShardWork({ shardId, onProgress }: ShardWorkOptions, context: MappingContext): ShardWork {
  const progress = createSequenceProgress();
  let unfinishedBytes = 0;
  let saved: string | undefined;
  const saveCheckpoint = (): void => {
    const sequenceNumber = progress.checkpoint();
    if (sequenceNumber === undefined || sequenceNumber === saved) return;
    saved = sequenceNumber;
    context.checkpoints.save(context.key, shardId, { at: 'after', sequenceNumber });
  };
  const finish = (records: readonly StreamRecord[]): void => {
    for (const record of records) {
      progress.finish(record.streamSequenceNumber);
      unfinishedBytes -= record.payloadBytes;
    }
    saveCheckpoint();
    onProgress();
  };
  const lanes = Array.from({ length: context.mapping.parallelizationFactor }, () =>
    startShardLane({ shardId, finish }, context),
  );
  const acceptOne = (engineRecord: EngineRecord): void => {
    const streamSequenceNumber = sequenceNumberOf(engineRecord);
    progress.read(streamSequenceNumber);
    const record = decode(engineRecord, { shardId, context });
    if (record === undefined || !context.accepts(record.event)) return progress.finish(streamSequenceNumber);
    unfinishedBytes += record.payloadBytes;
    laneOf(record, lanes)?.push(record);
  };
  const { readAheadRecords, readAheadBytes } = context.tuning;
  return {
    accept: (records) => {
      for (const record of records) acceptOne(record);
      saveCheckpoint();
    },
    hasRoom: () => progress.span() < readAheadRecords && unfinishedBytes < readAheadBytes,
    isDone: () => progress.span() === 0,
    stop: () => {
      for (const lane of lanes) lane.stop();
    },
    stopped: Promise.all(lanes.map((lane) => lane.stopped)),
  };
}

function decode(
  record: EngineRecord,
  { shardId, context }: { readonly shardId: string; readonly context: MappingContext },
): StreamRecord | undefined {
  return decodeEngineRecord(record, {
    streamArn: context.mapping.streamArn,
    region: context.region,
    shardId,
    readAtMs: context.clock.now(),
    wasExpired: (keys) => context.wasExpired(context.tableName, keys),
  });
}

/** Returns the lane of a record. All records of an item use the same lane, which keeps their order. */
function laneOf(record: StreamRecord, lanes: readonly ShardLane[]): ShardLane | undefined {
  return lanes[lanes.length === 1 ? 0 : hash(record.itemKey) % lanes.length];
}

function hash(text: string): number {
  return Buffer.from(text).reduce((state, byte) => Math.imul(state ^ byte, HASH_PRIME) >>> 0, HASH_OFFSET);
}
