import { setTimeout as sleep } from 'node:timers/promises';
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { runBounded } from '../../shared/run-bounded.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { killBusy } from '../helpers/kill-busy.ts';
import type { RuntimeBench } from '../helpers/runtime-in-process.ts';
import { startTableApp } from '../helpers/table-app.ts';
import type { Check } from './checks.ts';

export interface FromTableOptions {
  /** The number of writes to the application's table, each a record of its stream. */
  readonly records: number;
  readonly say: (line: string) => void;
}

/** The numbers of orders, of customers (each a topic), and of writes in flight at once. */
const ORDERS = 100;
const CUSTOMERS = 20;
const WRITING = 32;

/** Times in ms: between two kills, between two looks, and the longest time until all has come. */
const KILL_EVERY_MS = 250;
const LOOK_MS = 50;
const SETTLE_MS = 600_000;

/** Number of records for each kill at least. On a slow machine nothing else would ever come to its end. */
const RECORDS_PER_KILL = 8;

/** A message, as the archive has it. */
interface Archived {
  readonly seq: number;
  readonly orderId: string;
  readonly number: number;
}

/** Writes an application's table while the Lambda that reads its stream is killed again and again, and counts. */
export async function measureFromTable(options: FromTableOptions): Promise<Check[]> {
  const bench = await startTableApp();
  const { say } = options;
  try {
    const topics = Array.from({ length: CUSTOMERS }, (_, customer) => topicOf(customer));
    const subscriber = await openDialogue(`${bench.runtime.url}?topics=${topics.join()}`);
    for (const topic of topics) await subscriber.hear({ type: 'subscribed', topic });
    const startedAtMs = performance.now();
    const killed = new Set<number>();
    const ended = new AbortController();
    const killing = killUntil(bench, { killed, most: options.records / RECORDS_PER_KILL }, ended.signal);
    await writeOrders(bench, options.records);
    say(`${options.records} records are written`);
    await settle(bench, subscriber, options.records);
    ended.abort();
    await killing;
    const seconds = (performance.now() - startedAtMs) / 1_000;
    say(`${killed.size} processes were killed; all took ${seconds.toFixed(1)} s`);
    const published = await Promise.all(topics.map(async (topic) => [topic, await archiveOf(bench, topic)] as const));
    return [
      ...checkPublished(options.records, published),
      checkHeard(subscriber, published),
      await checkGivenUp(bench),
    ];
  } finally {
    await bench.stop();
  }
}

const topicOf = (customer: number): string => `order:c${customer}`;

interface Kills {
  /** The processes that were killed. */
  readonly killed: Set<number>;
  /** Number of kills after which the others are left alone. */
  readonly most: number;
}

/** Kills a busy process from time to time. */
async function killUntil(bench: RuntimeBench, { killed, most }: Kills, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && killed.size < most) {
    killBusy(bench.runtime, 'TopicsFromOrders', killed);
    await sleep(KILL_EVERY_MS);
  }
}

/** Writes the changes of each order one after the other, numbered from 1. */
async function writeOrders({ dynamodb, output }: RuntimeBench, records: number): Promise<void> {
  const orders = Array.from({ length: ORDERS }, (_, order) => order);
  await runBounded(orders, WRITING, async (order) => {
    const changes = Math.floor(records / ORDERS) + (order < records % ORDERS ? 1 : 0);
    for (let number = 1; number <= changes; number += 1) {
      const Item = { orderId: `o${order}`, customerId: `c${order % CUSTOMERS}`, status: 'paid', number };
      await dynamodb.send(new PutItemCommand({ TableName: output('OrdersTable'), Item: marshall(Item) }));
    }
  });
}

/** Waits until the subscriber has heard each message, or nothing is left to do. */
async function settle(bench: RuntimeBench, { heard }: Dialogue, records: number): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_MS;
  const distinct = () =>
    new Set(heard.flatMap(({ type, topic, seq }) => (type === 'message' ? `${String(topic)} ${Number(seq)}` : [])));
  while ((distinct().size < records || !bench.runtime.idle()) && performance.now() < deadlineMs) {
    if (bench.runtime.idle() && (await bench.failures()).length > 0) return;
    await sleep(LOOK_MS);
  }
}

async function archiveOf({ dynamodb, output }: RuntimeBench, topic: string): Promise<Archived[]> {
  const found: Archived[] = [];
  let from: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: output('MessagesTable'),
        KeyConditionExpression: 'topic = :topic',
        ExpressionAttributeValues: marshall({ ':topic': topic }),
        ExclusiveStartKey: from,
      }),
    );
    for (const item of page.Items ?? []) {
      const { seq, message } = unmarshall(item);
      const { keys, item: order } = JSON.parse(message);
      found.push({ seq, orderId: keys.orderId, number: order.number });
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
}

type Published = readonly (readonly [topic: string, messages: readonly Archived[]])[];

/** Checks that each record is a message once, in the order of its order, with seqs without gaps. */
function checkPublished(records: number, published: Published): Check[] {
  const gaps = published.flatMap(([topic, messages]) =>
    messages.every(({ seq }, place) => seq === place + 1) ? [] : [`${topic} has a gap in its seqs`],
  );
  const orders = Map.groupBy(
    published.flatMap(([, messages]) => messages),
    ({ orderId }) => orderId,
  );
  const wrong = Array.from(orders, ([orderId, changes]) =>
    changes.every(({ number }, place) => number === place + 1)
      ? []
      : [`${orderId}: ${changes.map((each) => each.number).join()}`],
  );
  const count = published.reduce((sum, [, messages]) => sum + messages.length, 0);
  return [
    { name: 'records that are messages', count, problems: count === records ? [] : [`${count} of ${records}`] },
    { name: 'topics without a gap', count: published.length, problems: gaps },
    { name: 'items whose changes came once each and in order', count: orders.size, problems: wrong.flat() },
  ];
}

function checkHeard({ heard }: Dialogue, published: Published): Check {
  const problems = published.flatMap(([topic, messages]) => {
    const seqs = heard.flatMap((frame) =>
      frame['type'] === 'message' && frame['topic'] === topic ? Number(frame['seq']) : [],
    );
    const firstTimes = [...new Set(seqs)];
    return firstTimes.length === messages.length && firstTimes.every((seq, place) => seq === place + 1)
      ? []
      : [`${topic}: heard ${firstTimes.length} of ${messages.length}, or not in order`];
  });
  return { name: 'topics that a subscriber heard whole and in order', count: published.length, problems };
}

async function checkGivenUp(bench: RuntimeBench): Promise<Check> {
  const failures = await bench.failures();
  const problems = failures.map(({ requestContext }) => requestContext.condition);
  return { name: 'records that were given up', count: failures.length, problems };
}
