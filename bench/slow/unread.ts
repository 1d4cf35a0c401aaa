import { setTimeout as sleep } from 'node:timers/promises';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { BenchContext, Measured } from '../model.ts';
import type { Times, UnreadCommands } from './unread-worker.ts';

const ROUNDS = 3;
/** Sockets that ask and do not read. */
const SOCKETS = 3;
const TOPICS = Array.from({ length: 5 }, (_, i) => `unread-${i}`);
/** Subscribes of the bystander. */
const TIMES = 100;
/** Time in ms between two of them. */
const PAUSE_MS = 50;
/** Time in ms in which three that read warm the Lambdas up, and in which these become idle again. */
const WARM_UP_MS = 3_000;

/**
 * Three that ask and do not read, three that ask and read, three that ask as often for topics without messages, and
 * none. The third is what the frames themselves cost a machine of few cores.
 */
type Variant = 'unread' | 'read' | 'empty' | 'none';

/** The source of the runtime: this checkout, or another one with its own assembly. */
interface Checkout {
  readonly root?: string;
  readonly assembly: string;
}

/**
 * Measures how long a bystander waits for `subscribed` while three sockets ask five topics of 280 KB again each 0.9 s
 * and read nothing. Repeats this with sockets that read, with sockets that ask for nothing, and without any sockets.
 * Another checkout's runtime can be measured, by this checkout's bench.
 */
export async function measureUnread(
  { progress }: Pick<BenchContext, 'progress'>,
  checkout: Checkout,
): Promise<Pick<Measured, 'ratios' | 'figures'>> {
  const rounds = await inRounds<Variant, Times>({
    variants: ['unread', 'read', 'empty', 'none'],
    rounds: ROUNDS,
    measure: (variant) => inScene((scene) => measure(scene, checkout, variant)),
    progress: (line) => progress(`unread ${line}`),
  });
  return {
    ratios: {
      subscribed_p99_with_3_unread_vs_without: rounds.ratio('unread', 'none', ({ p99Ms }) => p99Ms),
      subscribed_p99_with_3_unread_vs_empty: rounds.ratio('unread', 'empty', ({ p99Ms }) => p99Ms),
      subscribed_p99_with_3_unread_vs_read: rounds.ratio('unread', 'read', ({ p99Ms }) => p99Ms),
    },
    figures: [
      ...rounds.figures('p99 of `subscribed` beside three that ask for 280 KB', 'ms', ({ p99Ms }) => p99Ms),
      ...rounds.figures('p50 of `subscribed` beside three that ask for 280 KB', 'ms', ({ p50Ms }) => p50Ms),
      ...rounds.figures('slowest `subscribed` beside three that ask for 280 KB', 'ms', ({ maximumMs }) => maximumMs),
    ],
  };
}

async function measure({ runtime, worker }: Scene, checkout: Checkout, variant: Variant): Promise<Times> {
  const { url } = await runtime(checkout);
  const file = new URL('unread-worker.ts', import.meta.url);
  await worker<UnreadCommands>(file).call('fill', { url, topics: TOPICS });
  const bystander = worker<UnreadCommands>(file);
  await warmUp(worker<UnreadCommands>(file), url);
  await bystander.call('stroll', { url, times: 10, pauseMs: PAUSE_MS });
  if (variant !== 'none') {
    const topics = variant === 'empty' ? TOPICS.map((topic) => `empty-${topic}`) : TOPICS;
    const askers = { url, topics, sockets: SOCKETS, isReading: variant !== 'unread' };
    await worker<UnreadCommands>(file).call('pester', askers);
  }
  return bystander.call('stroll', { url, times: TIMES, pauseMs: PAUSE_MS });
}

/** Starts as many environments as the askers need, on all sides alike: cold starts are not what is measured. */
async function warmUp(askers: Worker<UnreadCommands>, url: string): Promise<void> {
  await askers.call('pester', { url, topics: TOPICS, sockets: SOCKETS, isReading: true });
  await sleep(WARM_UP_MS);
  await askers.stop();
  await sleep(WARM_UP_MS);
}
