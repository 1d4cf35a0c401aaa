import { join } from 'node:path';
import { synthesizeOf } from '../assembly/assemblies.ts';
import { inRounds } from '../harness/rounds.ts';
import type { Received } from '../load/latencies.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { HERE } from '../processes/start-runtime.ts';

const ROUNDS = 3;
/** Publishes a second that the stack of this bench permits to a connection. */
const LIMIT = 10;
/** Publishes a second of the flood: 20 times its limit. */
const FLOOD_PER_SECOND = 20 * LIMIT;
const PER_SECOND = 8;
/** Measured messages: more seconds than a connection may flood, so that the flood is closed and connects again. */
const MESSAGES = 200;
const WARM_MESSAGES = 20;
/** Publishes of another connection before, as fast as the flood and within its burst: they start environments. */
const BURST = 10 * LIMIT;
/** Publishes of the flood: it begins with the measured messages, and ends after them. */
const FLOOD_MESSAGES = Math.ceil((FLOOD_PER_SECOND * MESSAGES) / PER_SECOND);

type Variant = 'with' | 'without';

/** The bench of a well-behaved client beside a flooding one. */
export const FLOOD: Bench = {
  name: 'flood',
  summary:
    'p99 of a client beside one that publishes at 20 times its rate limit and connects again when it is closed, over one without; goal: at most 1.5',
  isExtra: true,
  run: async ({ temporaryDirectory, progress }) => {
    const rateLimits = { connectionPublishes: LIMIT };
    const directory = await synthesizeOf(HERE, join(await temporaryDirectory(), 'assembly'), { rateLimits });
    const rounds = await inRounds<Variant, Received>({
      variants: ['with', 'without'],
      rounds: ROUNDS,
      measure: (variant) => inScene((scene) => measure(scene, directory, variant)),
      progress,
    });
    const p99 = ({ p99Ms }: Received): number => p99Ms;
    return {
      ratios: { p99_beside_flood_vs_without: rounds.ratio('with', 'without', p99) },
      figures: [
        ...rounds.figures('p99 of the well-behaved client', 'ms', p99),
        ...rounds.figures('p50 of the well-behaved client', 'ms', ({ p50Ms }) => p50Ms),
      ],
    };
  },
};

async function measure({ runtime, clients }: Scene, assembly: string, variant: Variant): Promise<Received> {
  const { url } = await runtime({ assembly });
  const calm = await clients({ kind: 'wire', url, topics: ['calm'] }, 1);
  const burst = await clients({ kind: 'wire', url, topics: ['burst'] }, 1);
  const flooding = await clients({ kind: 'flooder', url, topics: ['flooded'] }, 1);
  await burst.call('pace', { perSecond: FLOOD_PER_SECOND, messages: BURST });
  await burst.call('receive', { messages: BURST });
  await calm.call('pace', { perSecond: PER_SECOND, messages: WARM_MESSAGES });
  await calm.call('receive', { messages: WARM_MESSAGES });
  await calm.call('reset', undefined);
  const flood = { perSecond: FLOOD_PER_SECOND, messages: variant === 'with' ? FLOOD_MESSAGES : 0 };
  const [, received] = await Promise.all([
    flooding.call('pace', flood),
    calm
      .call('pace', { perSecond: PER_SECOND, messages: MESSAGES })
      .then(() => calm.call('receive', { messages: MESSAGES })),
  ]);
  return received;
}
