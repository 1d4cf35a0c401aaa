import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTopicStore, type TopicStore } from '../../shared/store/topics.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';

let store: TopicStore | undefined;
/** Increments of each counter since the start. */
const totals = new Map<string, number>();

interface Load {
  readonly topic: string;
  readonly perSecond: number;
  readonly durationMs: number;
}

const MS_PER_SECOND = 1_000;
/**
 * Interval in ms at which the due increments are sent, 10. A timer for each increment would cost more than the
 * increment.
 */
const STEP_MS = 10;

const commands = {
  open: async ({ endpoint, topicsTable, keysTable }: { endpoint: string; topicsTable: string; keysTable: string }) => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    store = createTopicStore({
      client,
      unretriedClient: client,
      topicsTable,
      keysTable,
      now: Date.now,
      newEpoch: () => 'bench',
      traceId: () => undefined,
    });
  },
  /**
   * Increments at a steady rate with the code of the routes. Resolves to the total of increments so far, and to the
   * rate of this call.
   */
  increment: async ({ topic, perSecond, durationMs }: Load): Promise<{ total: number; perSecond: number }> => {
    const beganMs = monotonicMs();
    const open: Promise<unknown>[] = [];
    for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs = monotonicMs() - beganMs) {
      const due = Math.floor((elapsedMs * perSecond) / MS_PER_SECOND) - open.length;
      for (let count = 0; count < due; count++) open.push(store?.increment({ topic, delta: 1 }) ?? Promise.resolve());
      await sleep(STEP_MS);
    }
    await Promise.all(open);
    const total = (totals.get(topic) ?? 0) + open.length;
    totals.set(topic, total);
    return { total, perSecond: (open.length * MS_PER_SECOND) / (monotonicMs() - beganMs) };
  },
};

/** The commands of this worker. */
export type IncrementCommands = typeof commands;

serve(commands);
