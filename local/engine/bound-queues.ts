import type { BuildAppOptions } from 'fauxqs';

type QueueStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];
type Queue = ReturnType<QueueStore['createQueue']>;

/**
 * Most messages that wait in one queue, 100,000. Past it the oldest are dropped, with a line in the terminal: nobody
 * reads the dead letters of a local run, and they are in memory.
 *
 * @limit operator
 */
const QUEUE_MESSAGES_MAXIMUM = 100_000;

/** The retention of a queue that sets none, in seconds: 4 days. */
const RETENTION_SECONDS = 345_600;

/** The dependencies of bounded queues. */
export interface BoundDeps {
  readonly warn: (line: string) => void;
  readonly now?: () => number;
  readonly messagesMaximum?: number;
}

/**
 * Bounds every queue that a store creates from now on: what is older than its retention, or beyond the most, is dropped
 * when a message comes in. The package keeps messages for ever.
 */
export function boundQueues(
  store: QueueStore,
  { warn, now = Date.now, messagesMaximum = QUEUE_MESSAGES_MAXIMUM }: BoundDeps,
): void {
  const create = store.createQueue.bind(store);
  store.createQueue = (...settings) => {
    const queue = create(...settings);
    const enqueue = queue.enqueue.bind(queue);
    let isTold = false;
    queue.enqueue = (message) => {
      dropExpired(queue, now());
      const dropped = dropOldest(queue, messagesMaximum - 1);
      if (dropped > 0 && !isTold) warn(`${queue.name}: over ${messagesMaximum} messages wait, the oldest are dropped`);
      isTold ||= dropped > 0;
      enqueue(message);
    };
    return queue;
  };
}

/** The lists of a queue whose messages wait: one, or of a queue in order one for each group. */
const listsOf = (queue: Queue): readonly Queue['messages'][] => [queue.messages, ...queue.fifoMessages.values()];

function dropExpired(queue: Queue, nowMs: number): void {
  const seconds = Number(queue.attributes['MessageRetentionPeriod'] ?? RETENTION_SECONDS);
  const since = nowMs - seconds * 1_000;
  for (const list of listsOf(queue)) {
    // The oldest come first, so that a message that is young enough ends the search.
    const kept = list.findIndex(({ sentTimestamp }) => sentTimestamp > since);
    list.splice(0, kept < 0 ? list.length : kept);
  }
}

/** Drops the oldest messages until as many as given are left. Returns how many were dropped. */
function dropOldest(queue: Queue, left: number): number {
  const count = listsOf(queue).reduce((sum, list) => sum + list.length, 0);
  const excess = Math.max(0, count - left);
  for (let at = 0; at < excess; at += 1) {
    const [oldest] = listsOf(queue)
      .filter((list) => list.length > 0)
      .toSorted(([one], [other]) => (one?.sentTimestamp ?? 0) - (other?.sentTimestamp ?? 0));
    oldest?.shift();
  }
  return excess;
}
