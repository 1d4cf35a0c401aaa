import type { Clock } from './clock.ts';
import type { StreamRecord } from './stream-record.ts';

/** Lambda's limit for an invocation's payload. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const ENVELOPE_BYTES = Buffer.byteLength('{"Records":[]}');
/** The comma before a record. */
const SEPARATOR_BYTES = 1;
const MS_PER_SECOND = 1_000;

/** The records that wait for a lane, and when they are a batch. */
export interface BatchWindow {
  /** True when the time that `untilDueMs` named no longer holds. */
  readonly push: (record: StreamRecord) => boolean;
  /** Takes the batch that is due; empty when none is. */
  readonly takeDue: () => readonly StreamRecord[];
  /** Undefined while nothing waits: windows without a record pass unseen. */
  readonly untilDueMs: () => number | undefined;
  /** An invocation ended: the next window begins. */
  readonly restart: () => void;
}

export interface BatchWindowOptions {
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
}

/** A batch is due at BatchSize, at 6 MB, or when the window ends, whichever comes first. */
export function createBatchWindow(options: BatchWindowOptions, clock: Clock): BatchWindow {
  const windowMs = options.batchingWindowSeconds * MS_PER_SECOND;
  const queue: StreamRecord[] = [];
  let queuedBytes = ENVELOPE_BYTES;
  let windowStartMs = clock.now();
  let dueMs = 0;
  const isFull = (): boolean => queue.length >= options.batchSize || queuedBytes >= MAX_PAYLOAD_BYTES;
  const push = (record: StreamRecord): boolean => {
    if (queue.length === 0) dueMs = endOfWindow(windowStartMs, windowMs, clock.now());
    queue.push(record);
    queuedBytes += bytesOf(record);
    return queue.length === 1 || isFull();
  };
  const takeDue = (): readonly StreamRecord[] => {
    if (queue.length === 0 || (!isFull() && clock.now() < dueMs)) return [];
    const batch = queue.splice(0, countThatFit(queue, options.batchSize));
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
    untilDueMs: () => (queue.length === 0 ? undefined : Math.max(dueMs - clock.now(), 0)),
    restart,
  };
}

/** Windows follow one another from `startMs`, empty ones too. */
function endOfWindow(startMs: number, windowMs: number, nowMs: number): number {
  if (windowMs === 0) return nowMs;
  return startMs + (Math.floor((nowMs - startMs) / windowMs) + 1) * windowMs;
}

/** At least one: a record alone is invoked with, however large. */
function countThatFit(queue: readonly StreamRecord[], batchSize: number): number {
  let bytes = ENVELOPE_BYTES;
  const tooMany = queue.slice(0, batchSize).findIndex((record) => {
    bytes += bytesOf(record);
    return bytes > MAX_PAYLOAD_BYTES;
  });
  return tooMany === -1 ? batchSize : Math.max(tooMany, 1);
}

function bytesOf(record: StreamRecord): number {
  return record.payloadBytes + SEPARATOR_BYTES;
}
