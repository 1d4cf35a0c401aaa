import { randomUUID as machineUUID } from 'node:crypto';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Invoke, EventSourceMappingModel, TableModel, Terminal } from '../model.ts';
import type { SendToQueue } from '../queues/send-to-queue.ts';
import type { Checkpoint, CheckpointStore } from './checkpoints.ts';
import { type StreamClock, systemStreamClock } from './clock.ts';
import { createEnginePresence } from './engine-errors.ts';
import { compileFilters } from './filter-pattern.ts';
import { type GetRecords, getRecordsBy } from './get-records.ts';
import type { MappingContext } from './mapping-context.ts';
import { DEFAULT_POLL_TUNING, type PollTuning } from './poll-tuning.ts';
import type { Backlog } from './shard-work.ts';
import { StreamConsumer } from './stream-consumer.ts';

/** The dependencies of an event source mapping. */
export interface MappingDeps {
  /** The streams client of the engine. */
  readonly streams: DynamoDBStreamsClient;
  /** Reads records. Default: by the streams client. */
  readonly getRecords?: GetRecords | undefined;
  readonly invoke: Invoke;
  /** Writes one object to the failure bucket. */
  readonly putFailure: (object: { bucket: string; key: string; body: string }) => Promise<void>;
  /** Sends a record to the queue of the failure destination. Default: there are no queues. */
  readonly sendToQueue?: SendToQueue | undefined;
  readonly terminal: Terminal;
  /** Returns true once for a key that the TTL sweeper deleted. Its REMOVE record then gets AWS's userIdentity. */
  readonly wasExpired: (tableName: string, keys: unknown) => boolean;
  readonly checkpoints: CheckpointStore;
  readonly clock?: StreamClock;
  readonly random?: () => number;
  readonly randomUUID?: () => string;
}

/** The options of an event source mapping. */
export interface MappingOptions {
  readonly mapping: EventSourceMappingModel;
  readonly functionName: string;
  readonly tableName: string;
  /** The stream's ARN in the engine. */
  readonly engineStreamArn: string;
  /** The view type of the table's stream. The engine's stream may have more. Default: the engine's. */
  readonly streamViewType?: TableModel['streamViewType'] | undefined;
  readonly region: string;
  readonly tuning?: Partial<PollTuning>;
}

/** A running event source mapping. */
export interface RunningMapping {
  /** Reports that something was written to the table. */
  readonly wake: () => void;
  /**
   * Stops reading, and waits for invocations in flight, for at most `waitMs`. Records that are not done by then are
   * delivered after a restart. Default: `stopWaitMs` of the tuning. A second call may wait for a shorter time.
   */
  readonly stop: (waitMs?: number) => Promise<void>;
  /** Returns whether everything read has been handled, and everything written before the last wake has been read. */
  readonly idle: () => boolean;
  /**
   * Returns the stream sequence number up to which everything is done; undefined if the mapping waits for no records.
   */
  readonly passed: () => bigint | undefined;
  /** Returns the records of all shards that were read and are not done. */
  readonly backlog: () => Backlog;
}

/** Starts an event source mapping for one DynamoDB stream. Throws RuntimeSetupError for an invalid filter. */
export function startEventSourceMapping(options: MappingOptions, deps: MappingDeps): RunningMapping {
  const [stopping, ended] = [new AbortController(), new AbortController()];
  const context = makeContext(options, deps, { stopping: stopping.signal, ended: ended.signal });
  if (!options.mapping.enabled) return DISABLED;
  const consumer = new StreamConsumer(context);
  const stop = async (waitMs = context.tuning.stopWaitMs): Promise<void> => {
    stopping.abort();
    consumer.stop();
    await within(waitMs, { work: consumer.stopped, clock: context.clock });
    ended.abort();
    await context.checkpoints.flush().catch((error: unknown) => {
      context.terminal.warn(`Cannot keep the checkpoints of ${options.functionName}: ${String(error)}`);
    });
  };
  const passed = (): bigint => lowestOf(context.checkpoints.loadAll(context.key));
  return {
    wake: () => consumer.wake(),
    stop,
    idle: () => consumer.isIdle(),
    passed,
    backlog: () => sumOf(consumer.backlogs()),
  };
}

const DISABLED: RunningMapping = {
  wake: () => undefined,
  stop: () => Promise.resolve(),
  idle: () => true,
  passed: () => undefined,
  backlog: () => ({ records: 0, sinceMs: undefined }),
};

function sumOf(backlogs: readonly Backlog[]): Backlog {
  const since = backlogs.flatMap(({ sinceMs }) => (sinceMs === undefined ? [] : [sinceMs]));
  const records = backlogs.reduce((sum, backlog) => sum + backlog.records, 0);
  return { records, sinceMs: since.length === 0 ? undefined : Math.min(...since) };
}

/** Returns the lowest sequence number that is done. An unread shard counts as zero. */
function lowestOf(checkpoints: readonly Checkpoint[]): bigint {
  const open = checkpoints.filter(({ at }) => at !== 'finished');
  const numbers = open.map((checkpoint) => (checkpoint.at === 'after' ? BigInt(checkpoint.sequenceNumber) : 0n));
  const [first = 0n, ...others] = numbers;
  return others.reduce((lowest, number) => (number < lowest ? number : lowest), first);
}

function makeContext(
  { engineStreamArn, tuning, ...options }: MappingOptions,
  deps: MappingDeps,
  signals: Pick<MappingContext, 'stopping' | 'ended'>,
): MappingContext {
  return {
    ...deps,
    ...signals,
    ...options,
    key: { uuid: options.mapping.uuid, streamArn: engineStreamArn },
    tuning: { ...DEFAULT_POLL_TUNING, ...tuning },
    getRecords: deps.getRecords ?? getRecordsBy(deps.streams),
    sendToQueue: deps.sendToQueue ?? (() => false),
    clock: deps.clock ?? systemStreamClock,
    random: deps.random ?? Math.random,
    randomUUID: deps.randomUUID ?? machineUUID,
    accepts: compileFilters(options.mapping.filters),
    presence: createEnginePresence(options.tableName, deps.terminal),
  };
}

async function within(
  limitMs: number,
  { work, clock }: { readonly work: Promise<unknown>; readonly clock: StreamClock },
): Promise<void> {
  let cancel: (() => void) | undefined;
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([work, limit]);
  cancel?.();
}
