import type { BuildAppOptions, buildApp } from 'fauxqs';

type Application = ReturnType<typeof buildApp>;

type QueueStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];
type Queue = ReturnType<QueueStore['createQueue']>;

/**
 * Most messages that wait in one queue, 100,000. Past it the oldest are dropped, with a line in the terminal: nobody
 * reads the dead letters of a local run, and they are in memory.
 *
 * @limit operator
 */
const QUEUE_MESSAGES_MAXIMUM = 100_000;

/**
 * Most messages of one queue that were received and are neither deleted nor visible again, 120,000 as on AWS. Past it
 * nothing more is received, and a poll that does not wait is answered `OverLimit` by a queue without an order.
 *
 * @limit operator
 */
const IN_FLIGHT_MAXIMUM = 120_000;

/** The retention of a queue that sets none, in seconds: 4 days. */
const RETENTION_SECONDS = 345_600;

/** The dependencies of bounded queues. */
export interface BoundDeps {
  readonly warn: (line: string) => void;
  readonly now?: () => number;
  readonly messagesMaximum?: number;
  readonly inFlightMaximum?: number | undefined;
}

/**
 * Bounds every queue that a store creates from now on: what is older than its retention is dropped when a message comes
 * in or is received, and what is beyond the most when one comes in. The package keeps messages for ever.
 */
export function boundQueues(
  store: QueueStore,
  { warn, now = Date.now, messagesMaximum = QUEUE_MESSAGES_MAXIMUM, inFlightMaximum = IN_FLIGHT_MAXIMUM }: BoundDeps,
): void {
  const create = store.createQueue.bind(store);
  store.createQueue = (...settings) => {
    const queue = create(...settings);
    const enqueue = queue.enqueue.bind(queue);
    const dequeue = queue.dequeue.bind(queue);
    let isTold = false;
    queue.enqueue = (message) => {
      dropExpired(queue, now());
      const dropped = dropOldest(queue, messagesMaximum - 1);
      if (dropped > 0 && !isTold) warn(`${queue.name}: over ${messagesMaximum} messages wait, the oldest are dropped`);
      isTold ||= dropped > 0;
      enqueue(message);
    };
    queue.dequeue = (wanted, ...rest) => {
      dropExpired(queue, now());
      return dequeue(Math.min(wanted, leftInFlight(queue, inFlightMaximum)), ...rest);
    };
    return queue;
  };
}

/** Returns how many messages of a queue may be received more. */
function leftInFlight(queue: Queue, maximum: number): number {
  // Those whose time is over are visible again.
  queue.processTimers();
  return Math.max(0, maximum - queue.inflightMessages.size);
}

/**
 * Refuses polls of queues from which nothing more may be received: those that do not wait, as on AWS, and of queues
 * without an order.
 */
export function refuseOverLimit(app: Application, store: QueueStore, maximum = IN_FLIGHT_MAXIMUM): void {
  app.addHook('preHandler', async ({ headers, body }, reply) => {
    if (headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return;
    const { QueueUrl, WaitTimeSeconds }: { QueueUrl?: unknown; WaitTimeSeconds?: unknown } = Object(body);
    const queue = typeof QueueUrl === 'string' ? store.getQueue(QueueUrl) : undefined;
    if (queue === undefined || queue.attributes['FifoQueue'] === 'true') return;
    const waits = Number(WaitTimeSeconds ?? queue.attributes['ReceiveMessageWaitTimeSeconds'] ?? 0) > 0;
    if (waits || leftInFlight(queue, maximum) > 0) return;
    await reply.status(OVER_LIMIT.status).headers(OVER_LIMIT.headers).send(OVER_LIMIT.body);
  });
}

const OVER_LIMIT = {
  status: 403,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': 'OverLimit;Sender' },
  body: JSON.stringify({
    __type: 'com.amazonaws.sqs#OverLimit',
    message: 'The specified action violates a limit: the maximum number of messages in flight is reached.',
  }),
} as const;

type Messages = Queue['messages'];

/** The lists of a queue whose messages wait or are not due yet: two, or of a queue in order two for each group. */
const listsOf = (queue: Queue): readonly Messages[] => [
  queue.messages,
  queue.delayedMessages,
  ...queue.fifoMessages.values(),
  ...queue.fifoDelayed.values(),
];

function dropExpired(queue: Queue, nowMs: number): void {
  const seconds = Number(queue.attributes['MessageRetentionPeriod'] ?? RETENTION_SECONDS);
  const since = nowMs - seconds * 1_000;
  for (const list of listsOf(queue)) {
    // The oldest come first, so that a message that is young enough ends the search.
    const kept = list.findIndex(({ sentTimestamp }) => sentTimestamp > since);
    list.splice(0, kept < 0 ? list.length : kept);
  }
  forgetEmptyGroups(queue);
}

/** Drops the oldest messages until as many as given are left. Returns how many were dropped. */
function dropOldest(queue: Queue, left: number): number {
  const lists = listsOf(queue);
  const excess = Math.max(0, lists.reduce((sum, { length }) => sum + length, 0) - left);
  for (let at = 0; at < excess; at += 1) oldestOf(lists)?.shift();
  if (excess > 0) forgetEmptyGroups(queue);
  return excess;
}

/** Returns the list whose first message is the oldest of all. */
function oldestOf(lists: readonly Messages[]): Messages | undefined {
  const sentAt = ([first]: Messages): number => first?.sentTimestamp ?? Number.POSITIVE_INFINITY;
  return lists.reduce<Messages | undefined>(
    (oldest, list) => (oldest === undefined || sentAt(list) < sentAt(oldest) ? list : oldest),
    undefined,
  );
}

/** Deletes the groups without messages, which the package keeps. */
function forgetEmptyGroups({ fifoMessages, fifoDelayed }: Queue): void {
  for (const groups of [fifoMessages, fifoDelayed])
    for (const [group, { length }] of groups) if (length === 0) groups.delete(group);
}
