import type { StreamClock } from './clock.ts';
import type { StreamRecord } from './stream-record.ts';
import { windowStartOf } from './time-window.ts';

/** Lambda's limit for an invocation's payload in bytes. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const ENVELOPE_BYTES = Buffer.byteLength('{"Records":[]}');
/** The bytes beside the records of an event with a tumbling window: its state of at most 1 MB, and its names. */
const WINDOW_BYTES = 1_050_000;
/** The bytes of the comma before a record. */
const SEPARATOR_BYTES = 1;
const MS_PER_SECOND = 1_000;

/** The records that wait for a lane, and the time at which they form a batch. */
export interface BatchWindow {
  /** Adds a record. Returns true if the time returned by `untilDueMs` has changed. */
  readonly push: (record: StreamRecord) => boolean;
  /** Takes the batch that is due. Empty if none is due. `isForced`: what waits is due in any case. */
  readonly takeDue: (isForced?: boolean) => readonly StreamRecord[];
  /** Returns the first record that waits. */
  readonly first: () => StreamRecord | undefined;
  /**
   * Returns the time in ms until a batch is due; undefined while no record waits, because windows without a record have
   * no effect.
   */
  readonly untilDueMs: () => number | undefined;
  /** Starts the next window, after an invocation has ended. */
  readonly restart: () => void;
}

/** The settings of a mapping that define its batches. */
export interface BatchWindowOptions {
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  /** The length of the tumbling windows, of which a batch has one. Default: no windows. */
  readonly tumblingWindowSeconds?: number;
}

/**
 * Creates an empty batch window. A batch is due at BatchSize, at 6 MB, at the end of the batching window, or with the
 * first record of the next tumbling window, whichever comes first.
 */
export function createBatchWindow(options: BatchWindowOptions, clock: StreamClock): BatchWindow {
  const windowMs = options.maximumBatchingWindowSeconds * MS_PER_SECOND;
  const queue: StreamRecord[] = [];
  let queuedBytes = ENVELOPE_BYTES;
  let windowStartMs = clock.now();
  let dueMs = 0;
  const isFull = (): boolean =>
    queue.length >= options.batchSize || queuedBytes >= maximumBytes(options) || hasSeveralWindows(queue, options);
  const push = (record: StreamRecord): boolean => {
    if (queue.length === 0) dueMs = endOfWindow(windowStartMs, windowMs, clock.now());
    queue.push(record);
    queuedBytes += bytesOf(record);
    return queue.length === 1 || isFull();
  };
  const takeDue = (isForced = false): readonly StreamRecord[] => {
    if (queue.length === 0 || (!isForced && !isFull() && clock.now() < dueMs)) return [];
    const batch = queue.splice(0, countThatFit(queue, options));
    for (const record of batch) queuedBytes -= bytesOf(record);
    return batch;
  };
  const restart = (): void => {
    windowStartMs = clock.now();
    dueMs = windowStartMs + windowMs;
  };
  return {
    push,
    takeDue,
    first: () => queue[0],
    untilDueMs: () => (queue.length === 0 ? undefined : Math.max(dueMs - clock.now(), 0)),
    restart,
  };
}

/** Returns the end of the current window. Windows follow one another from `startMs`, empty ones included. */
function endOfWindow(startMs: number, windowMs: number, nowMs: number): number {
  if (windowMs === 0) return nowMs;
  return startMs + (Math.floor((nowMs - startMs) / windowMs) + 1) * windowMs;
}

/**
 * Returns how many records fit into one invocation and are of one tumbling window. At least one: a single record is
 * sent whatever its size.
 */
function countThatFit(queue: readonly StreamRecord[], options: BatchWindowOptions): number {
  const { batchSize, tumblingWindowSeconds = 0 } = options;
  const [first] = queue;
  const startMs = first && windowStartOf(first, tumblingWindowSeconds);
  let bytes = ENVELOPE_BYTES;
  const tooMany = queue.slice(0, batchSize).findIndex((record) => {
    bytes += bytesOf(record);
    return bytes > maximumBytes(options) || windowStartOf(record, tumblingWindowSeconds) !== startMs;
  });
  return tooMany === -1 ? batchSize : Math.max(tooMany, 1);
}

/** Returns the bytes that a batch may have: beside a state, that much less. */
const maximumBytes = ({ tumblingWindowSeconds = 0 }: BatchWindowOptions): number =>
  MAX_PAYLOAD_BYTES - (tumblingWindowSeconds === 0 ? 0 : WINDOW_BYTES);

function hasSeveralWindows(queue: readonly StreamRecord[], { tumblingWindowSeconds = 0 }: BatchWindowOptions): boolean {
  const [first, last] = [queue[0], queue.at(-1)];
  if (tumblingWindowSeconds === 0 || first === undefined || last === undefined) return false;
  return windowStartOf(first, tumblingWindowSeconds) !== windowStartOf(last, tumblingWindowSeconds);
}

function bytesOf(record: StreamRecord): number {
  return record.payloadBytes + SEPARATOR_BYTES;
}
