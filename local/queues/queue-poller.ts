import { setTimeout as delay } from 'node:timers/promises';
import type { QueueStore } from '../engine/start-buckets.ts';
import type { InvocationResult, Invoke, QueueMappingModel, Terminal } from '../model.ts';
import { compileFilters, type RecordFilter } from '../streams/filter-pattern.ts';
import { type QueueRecord, queueRecord, type ReceivedMessage, type RunningQueue } from './queue-event.ts';

/** Batches of one mapping that run at once, at most: on AWS five pollers begin. */
const WORKERS_MAXIMUM = 5;
/** Most bytes of the records of one batch, as JSON: an event has 6 MB, of which `{"Records":[]}` takes some. */
const BATCH_BYTES = 6_291_456 - 100;
/** Time in seconds of a poll for messages, as Lambda's. */
const POLL_SECONDS = 20;
/** Time in ms before the next look after an error of the service. */
const PAUSE_MS = 1_000;

/** The attributes of a queue that count its messages, each in one of them. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** The dependencies of a poller. */
export interface QueuePollerDeps {
  readonly queues: QueueStore;
  readonly invoke: Invoke;
  readonly terminal: Pick<Terminal, 'warn'>;
  readonly region: string;
  readonly now: () => number;
}

/** A running event source mapping of a queue. */
export interface RunningQueueMapping {
  /** The number of messages in the queue, those of functions among them, and the time of the oldest batch's begin. */
  readonly backlog: () => { readonly records: number; readonly sinceMs: number | undefined };
  /** Returns whether the queue has no message, and no invocation runs. */
  readonly idle: () => boolean;
  /** Stops reading, and waits for the batches that run. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the event source mapping of a queue. What a function has processed is deleted. What has failed is visible
 * again after the queue's visibility timeout, and moves to the dead-letter queue when it was received too often.
 */
export function startQueuePoller(mapping: QueueMappingModel, deps: QueuePollerDeps): RunningQueueMapping {
  const queue = deps.queues.getQueueByArn(mapping.queueArn);
  if (queue === undefined || !mapping.enabled) return STOPPED;
  const poller = new QueuePoller(queue, mapping, deps);
  return { backlog: () => poller.backlog(), idle: () => poller.isIdle(), stop: () => poller.stop() };
}

const STOPPED: RunningQueueMapping = {
  backlog: () => ({ records: 0, sinceMs: undefined }),
  idle: () => true,
  stop: () => Promise.resolve(),
};

/** A batch that is collected. */
interface Batch {
  readonly records: QueueRecord[];
  /** Bytes of the records as JSON. */
  bytes: number;
  isFull: boolean;
}

class QueuePoller {
  readonly #queue: RunningQueue;
  readonly #mapping: QueueMappingModel;
  readonly #deps: QueuePollerDeps;
  readonly #accepts: RecordFilter;
  readonly #workers: Promise<unknown>;
  /** The batches in invocations, with the times of their begin. */
  readonly #running = new Map<readonly QueueRecord[], number>();
  readonly #stopping = new AbortController();
  #isStopped = false;

  constructor(queue: RunningQueue, mapping: QueueMappingModel, deps: QueuePollerDeps) {
    this.#queue = queue;
    this.#mapping = mapping;
    this.#deps = deps;
    this.#accepts = compileFilters(mapping.filters);
    const workers = Math.min(mapping.maximumConcurrency, WORKERS_MAXIMUM);
    this.#workers = Promise.all(Array.from({ length: workers }, () => this.#work()));
  }

  backlog(): { records: number; sinceMs: number | undefined } {
    const [sinceMs] = this.#running.values();
    return { records: this.#messageCount(), sinceMs };
  }

  isIdle(): boolean {
    return this.#running.size === 0 && this.#messageCount() === 0;
  }

  /** Returns the number of messages that wait, are delayed or were received and not deleted. */
  #messageCount(): number {
    const counts = COUNTS.map((name) => Number(this.#queue.getAttribute(name) ?? 0));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopping.abort();
    this.#queue.cancelWaiters();
    await this.#workers;
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const records = await this.#receive();
      if (records.length > 0) await this.#process(records);
    }
  }

  /** Collects a batch, for as long as its window is. Resolves to an empty one when there is nothing for a while. */
  async #receive(): Promise<readonly QueueRecord[]> {
    const batch: Batch = { records: [], bytes: 0, isFull: false };
    this.#take(batch);
    if (batch.records.length === 0) await this.#queue.waitForMessages(POLL_SECONDS);
    else await this.#fill(batch);
    return batch.records;
  }

  async #fill(batch: Batch): Promise<void> {
    const endsAtMs = this.#deps.now() + this.#mapping.maximumBatchingWindowSeconds * 1_000;
    for (;;) {
      const leftSeconds = (endsAtMs - this.#deps.now()) / 1_000;
      if (leftSeconds <= 0 || batch.isFull || this.#isStopped) return;
      await this.#queue.waitForMessages(leftSeconds);
      this.#take(batch);
    }
  }

  /** Adds the messages that are there to a batch. */
  #take(batch: Batch): void {
    const findQueue = (arn: string): RunningQueue | undefined => this.#deps.queues.getQueueByArn(arn);
    while (!batch.isFull && !this.#isStopped) {
      const [message] = this.#queue.dequeue(1, undefined, findQueue);
      if (message === undefined) return;
      this.#add(batch, message);
    }
  }

  #add(batch: Batch, message: ReceivedMessage): void {
    const record = queueRecord(message, this.#queue, this.#deps.region);
    const bytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (batch.bytes + bytes > BATCH_BYTES && batch.records.length > 0) {
      batch.isFull = true;
      return this.#giveBack(message);
    }
    batch.records.push(record);
    batch.bytes += bytes;
    batch.isFull = batch.records.length >= this.#mapping.batchSize;
  }

  /** Makes a message visible again that was not given to a function, as if it had not been received. */
  #giveBack({ ReceiptHandle }: ReceivedMessage): void {
    const stored = this.#queue.inflightMessages.get(ReceiptHandle)?.message;
    if (stored !== undefined) stored.approximateReceiveCount -= 1;
    this.#queue.changeVisibility(ReceiptHandle, 0);
  }

  async #process(records: readonly QueueRecord[]): Promise<void> {
    const [wanted, others] = [
      records.filter((one) => this.#isWanted(one)),
      records.filter((one) => !this.#isWanted(one)),
    ];
    this.#delete(others);
    if (wanted.length === 0) return;
    this.#running.set(wanted, this.#deps.now());
    const result = await this.#deps.invoke(this.#mapping.functionArn, { Records: wanted });
    this.#running.delete(wanted);
    this.#delete(processed(wanted, result, this.#mapping));
    if (result.outcome === 'service-error') await this.#pause();
  }

  /** Waits, whatever comes into the queue. The end of the poller ends the pause. */
  async #pause(): Promise<void> {
    await delay(PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  #isWanted(record: QueueRecord): boolean {
    return this.#accepts({ ...record, body: comparable(record.body) });
  }

  #delete(records: readonly QueueRecord[]): void {
    for (const { receiptHandle } of records) this.#queue.deleteMessage(receiptHandle);
  }
}

/** Returns a body as filters compare it: an object as such, anything else as a text. */
function comparable(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : body;
  } catch {
    return body;
  }
}

/**
 * Returns the records of a batch that need no more work. Lambda takes an answer with an identifier that is none of the
 * batch for a failure of all.
 */
function processed(
  records: readonly QueueRecord[],
  result: InvocationResult,
  { reportBatchItemFailures }: QueueMappingModel,
): readonly QueueRecord[] {
  if (result.outcome !== 'success') return [];
  const { batchItemFailures: failures }: { batchItemFailures?: unknown } = Object(result.payload);
  if (!reportBatchItemFailures || failures === undefined || failures === null) return records;
  if (!Array.isArray(failures)) return [];
  const failed = new Set(failures.map((failure: unknown) => Reflect.get(Object(failure), 'itemIdentifier')));
  const isKnown = [...failed].every((id) => records.some(({ messageId }) => messageId === id));
  return isKnown ? records.filter(({ messageId }) => !failed.has(messageId)) : [];
}
