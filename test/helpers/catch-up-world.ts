import type { CatchUpDeps } from '../../shared/fanout/catch-up/catch-up.ts';
import { createRecoveryBudget } from '../../shared/fanout/catch-up/recovery-budget.ts';
import type { CatchUpAnswer } from '../../shared/fanout/catch-up/send-recovery.ts';
import { createHandshakeWaits } from '../../shared/fanout/catch-up/handshake-waits.ts';
import type { PostOutcome } from '../../shared/post/post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import type { Head } from '../../shared/store/head.ts';
import { PUBLISHED_AT } from './change-records.ts';
import { TestClock } from './test-clock.ts';

export const NOW_MS = PUBLISHED_AT + 1_000;

const message = (topic: string, seq: number) => ({
  topic,
  epoch: 'e1',
  seq,
  message: `${seq}`,
  publishedAt: PUBLISHED_AT,
});

export const headOf = (topic: string, seq: number): Head => ({ kind: 'message', ...message(topic, seq) });

interface Script {
  readonly heads?: Readonly<Record<string, Head>>;
  readonly topics?: readonly string[];
  /** The outcomes of the posts, in order. Later posts are delivered. */
  readonly answers?: PostOutcome[];
  /** The number of looks at the index before it shows the subscription. Default: 0. */
  readonly unindexed?: number;
  /** The number of looks after which the subscription's record is gone. Default: never. */
  readonly vanishesAfter?: number;
  /** Whether API Gateway knows the connection that is closed. Default: true. */
  readonly isKnown?: boolean;
}

/** A world around `catchUp` that keeps what was done, and in which waiting takes time. */
export function createCatchUpWorld({
  heads = { news: headOf('news', 3) },
  topics = ['news'],
  answers = [],
  unindexed = 0,
  vanishesAfter = Infinity,
  isKnown = true,
}: Script = {}) {
  const steps: string[] = [];
  const frames: unknown[] = [];
  const reports: CatchUpAnswer[] = [];
  const clock = new TestClock(NOW_MS);
  const { now } = clock;
  const waiting = clock.waiting();
  const looks = { index: 0, record: 0 };
  const deps: CatchUpDeps = {
    post: async (connectionId, frame) => {
      const outcome = answers.shift() ?? 'delivered';
      steps.push(`post ${connectionId} ${outcome}`);
      if (outcome === 'delivered') frames.push(JSON.parse(frame));
      return outcome;
    },
    findHead: async (topic) => {
      steps.push(`head ${topic}`);
      return heads[topic];
    },
    listMessages: async ({ topic, fromSeq, toSeq }) =>
      Array.from({ length: Math.max(0, toSeq - fromSeq + 1) }, (_, i) => message(topic, fromSeq + i)),
    isIndexed: async ({ topic }, connectionId) => {
      looks.index += 1;
      steps.push(`index ${topic} ${connectionId}`);
      return looks.index > unindexed;
    },
    isSubscribed: async () => {
      looks.record += 1;
      return looks.record <= vanishesAfter;
    },
    close: async (connectionId) => {
      steps.push(`close ${connectionId}`);
      return isKnown;
    },
    getTopics: async () => new Set(topics),
    removeConnection: async (connectionId) => void steps.push(`remove ${connectionId}`),
    findRevocations: async () => undefined,
    sweepAnew: async () => void steps.push('sweep anew'),
    removeSubscriptions: async (connectionId) => void steps.push(`silence ${connectionId}`),
    noteDebt: async (debt) =>
      void steps.push(`owe ${debt.connection.connectionId} ${debt.topic} after ${debt.position?.seq ?? '-'}`),
    budget: createRecoveryBudget(now),
    handshakes: createHandshakeWaits(now),
    report: (answer) => void reports.push(answer),
    lateness: createLateness(now),
    waiting,
    now,
  };
  return { deps, steps, frames, reports, waiting };
}
