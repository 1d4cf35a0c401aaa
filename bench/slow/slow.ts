import { inRounds } from '../harness/rounds.ts';
import type { Received } from '../load/latencies.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { StuckRuntimeCommands } from './stuck-runtime-worker.ts';
import { measureUnread } from './unread.ts';

const ROUNDS = 3;
const OTHERS = 190;
/** Stuck connections: 5 % of 200. */
const STUCK = 10;
const PER_SECOND = 20;
/** Messages of the onset, in which stuck connections are detected, with a separate figure. */
const ONSET_MESSAGES = 40;
const MEASURED_MESSAGES = 80;
const TOPIC = 'slow';
/**
 * Time in ms after the last publish, past which a message counts as missing: its client would see the gap and catch up.
 */
const PATIENCE_MS = 3_000;

type Variant = 'with' | 'without';

interface Figures {
  readonly onset: Received;
  readonly steady: Received;
}

/** The bench of stuck connections beside healthy ones. */
export const SLOW: Bench = {
  name: 'slow',
  summary: 'p99 of 95 % of the connections while 5 % answer 429 or hang, beside a run in which none does',
  run: async ({ assembly, progress }) => {
    const directory = await assembly();
    const rounds = await inRounds<Variant, Figures>({
      variants: ['with', 'without'],
      rounds: ROUNDS,
      measure: (variant) => inScene((scene) => measure(scene, directory, variant)),
      progress,
    });
    const unread = await measureUnread({ progress }, { assembly: directory });
    const p99 = ({ steady }: Figures): number => steady.p99Ms;
    const onset = ({ onset }: Figures): number => onset.p99Ms;
    return {
      ratios: {
        p99_with_5pct_stuck_vs_without: rounds.ratio('with', 'without', p99),
        p99_of_first_2_s_vs_without: rounds.ratio('with', 'without', onset),
        ...unread.ratios,
      },
      figures: [
        ...rounds.figures('p99 of the others', 'ms', p99),
        ...rounds.figures('p50 of the others', 'ms', ({ steady }) => steady.p50Ms),
        ...rounds.figures('p99 of the others in the first 2 s', 'ms', onset),
        ...rounds.figures('missing of 15,200', '', ({ steady }) => MEASURED_MESSAGES * OTHERS - steady.messages),
        ...rounds.figures('slowest of the others in the first 2 s', 'ms', ({ onset: { maximumMs } }) => maximumMs),
        ...unread.figures,
      ],
    };
  },
};

async function measure({ worker, clients }: Scene, assembly: string, variant: Variant): Promise<Figures> {
  const runtime = worker<StuckRuntimeCommands>(new URL('stuck-runtime-worker.ts', import.meta.url));
  const target = { kind: 'wire', url: await runtime.call('start', { assembly }), topics: [TOPIC] } as const;
  const others = await clients(target, OTHERS);
  const publisher = await clients(target, 1);
  if (variant === 'with') await runtime.call('learn', undefined);
  await clients(target, STUCK);
  if (variant === 'with') {
    const stuck = await runtime.call('stick', undefined);
    if (stuck !== STUCK) throw new Error(`${stuck} connections are stuck, not ${STUCK}.`);
  }
  const pace = async (messages: number): Promise<Received> => {
    await others.call('reset', undefined);
    await publisher.call('pace', { perSecond: PER_SECOND, messages });
    return others.call('receive', { messages: messages * OTHERS, patienceMs: PATIENCE_MS });
  };
  return { onset: await pace(ONSET_MESSAGES), steady: await pace(MEASURED_MESSAGES) };
}
