import type { _Record as EngineRecord } from '@aws-sdk/client-dynamodb-streams';
import { createBadRecords } from './bad-records.ts';
import { type ShardLane, type ShardLaneOptions, startShardLane } from './shard-lane.ts';
import type { MappingContext } from './mapping-context.ts';
import { createSequenceProgress } from './sequence-progress.ts';
import {
  decodeEngineRecord,
  type RecordSource,
  salvageRecord,
  sequenceNumberOf,
  type StreamRecord,
} from './stream-record.ts';

/** The offset basis of FNV-1a with 32 bits. */
const HASH_OFFSET = 0x811c9dc5;
/** The prime of FNV-1a with 32 bits. */
const HASH_PRIME = 0x01000193;

/** The records that a mapping has read and that are not done. */
export interface Backlog {
  readonly records: number;
  /** The time in epoch ms at which the first of them was read. */
  readonly sinceMs: number | undefined;
}

/** The work on one shard's records: filters them, distributes them over the lanes, and saves the checkpoint. */
export interface ShardWork {
  readonly accept: (records: readonly EngineRecord[]) => void;
  /** Returns false while the waiting records reach the read-ahead bound and reading must pause. */
  readonly hasRoom: () => boolean;
  /** Ends the open tumbling windows: the shard has ended. */
  readonly close: () => void;
  /** Returns whether all accepted records are done, and after `close` all tumbling windows. */
  readonly isDone: () => boolean;
  /** Returns the records that are not done. */
  readonly backlog: () => Backlog;
  /** Ends the lanes' waits. The context's `stopping` must be aborted before. */
  readonly stop: () => void;
  /** Resolves when no invocation and no write of a failure is in flight any more, after `stop`. */
  readonly stopped: () => Promise<unknown>;
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
  let [unfinishedRecords, unfinishedBytes] = [0, 0];
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
      unfinishedRecords -= 1;
      unfinishedBytes -= record.payloadBytes;
    }
    saveCheckpoint();
    onProgress();
  };
  const deliver = startDelivery({ shardId, finish, onWindowEnd: onProgress }, context);
  let isClosed = false;
  const acceptOne = (engineRecord: EngineRecord, readAtMs: number): void => {
    const streamSequenceNumber = sequenceNumberOf(engineRecord);
    progress.read(streamSequenceNumber, readAtMs);
    const accepted = deliver.accept(engineRecord);
    if (accepted === undefined) return progress.finish(streamSequenceNumber);
    unfinishedRecords += 1;
    unfinishedBytes += accepted.payloadBytes;
  };
  const { readAheadRecords, readAheadBytes, readAheadSpan } = context.tuning;
  return {
    accept: (records) => {
      const readAtMs = context.clock.now();
      for (const record of records) acceptOne(record, readAtMs);
      saveCheckpoint();
    },
    hasRoom: () =>
      unfinishedRecords < readAheadRecords && unfinishedBytes < readAheadBytes && progress.span() < readAheadSpan,
    close: () => {
      isClosed = true;
      deliver.close();
    },
    isDone: () => progress.span() === 0 && !(isClosed && deliver.hasWindow()),
    backlog: () => ({ records: unfinishedRecords, sinceMs: progress.waitingSinceMs() }),
    stop: deliver.stop,
    stopped: deliver.stopped,
  };
}

interface Delivery extends Pick<ShardWork, 'close' | 'stop' | 'stopped'> {
  /** Whether a tumbling window is open. */
  readonly hasWindow: () => boolean;
  /** Passes a record on. Returns the decoded record, which `finish` will be called with, or undefined if it is done. */
  readonly accept: (record: EngineRecord) => StreamRecord | undefined;
}

/** Starts the lanes, and the way to the failure destination for a record that cannot be decoded or filtered. */
function startDelivery(options: ShardLaneOptions, context: MappingContext): Delivery {
  const lanes = Array.from({ length: context.mapping.parallelizationFactor }, () => startShardLane(options, context));
  const badRecords = createBadRecords(options, context);
  const accept = (engineRecord: EngineRecord): StreamRecord | undefined => {
    const source = sourceOf(options.shardId, context);
    try {
      const record = decodeEngineRecord(engineRecord, source);
      if (record === undefined || !context.accepts(record.event)) return undefined;
      laneOf(record, lanes)?.push(record);
      return record;
    } catch (error) {
      // One record must not end the runtime, nor be read again by every later start.
      const record = salvageRecord(engineRecord, source);
      badRecords.giveUp(record, error);
      return record;
    }
  };
  return {
    accept,
    close: () => {
      for (const lane of lanes) lane.close();
    },
    hasWindow: () => lanes.some((lane) => lane.hasWindow()),
    stop: () => {
      for (const lane of lanes) lane.stop();
      badRecords.stop();
    },
    stopped: () => Promise.all([...lanes.map((lane) => lane.stopped), badRecords.stopped()]),
  };
}

function sourceOf(shardId: string, context: MappingContext): RecordSource {
  return {
    streamArn: context.mapping.streamArn,
    region: context.region,
    streamViewType: context.streamViewType,
    shardId,
    readAtMs: context.clock.now(),
    wasExpired: (keys) => context.wasExpired(context.tableName, keys),
  };
}

/** Returns the lane of a record. All records of an item use the same lane, which keeps their order. */
function laneOf(record: StreamRecord, lanes: readonly ShardLane[]): ShardLane | undefined {
  return lanes[lanes.length === 1 ? 0 : hash(record.itemKey) % lanes.length];
}

function hash(text: string): number {
  return Buffer.from(text).reduce((state, byte) => Math.imul(state ^ byte, HASH_PRIME) >>> 0, HASH_OFFSET);
}
