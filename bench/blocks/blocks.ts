import { writeAssembly } from '../assembly/write-assembly.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { type Figures, measureDesign, oursAt, plainAt } from '../tutorial/tutorial.ts';
import { blocksApplication } from './application.ts';
import type { ReconnectCommands } from './reconnect-worker.ts';

const ROUNDS = 2;
const CLIENTS = 100;
/** Publishes in flight with the other design: more of them deliver nothing for seconds. */
const BLOCKS_WINDOW = 4;

type Variant = 'ours' | 'blocks';

interface Design extends Figures {
  /** The messages that were lost over one reconnect, of all clients. */
  readonly lost: number;
}

/** The bench of AWS Blocks' design. */
export const BLOCKS: Bench = {
  name: 'blocks',
  summary:
    "AWS Blocks' design in the same local runtime: an index query, then all posts at once in the request's Lambda",
  isExtra: true,
  run: async ({ assembly, temporaryDirectory, progress }) => {
    const assemblies: Readonly<Record<Variant, string>> = {
      ours: await assembly(),
      blocks: await writeAssembly(await temporaryDirectory(), blocksApplication()),
    };
    const rounds = await inRounds<Variant, Design>({
      variants: ['ours', 'blocks'],
      rounds: ROUNDS,
      measure: (variant) => measure(variant, assemblies[variant]),
      progress,
    });
    return {
      ratios: {
        last_delivery_vs_blocks: rounds.ratio('blocks', 'ours', ({ lastMs }) => lastMs),
        deliveries_vs_blocks: rounds.ratio('ours', 'blocks', ({ perSecond }) => perSecond),
        messages_lost: rounds.values('ours', ({ lost }) => lost),
      },
      figures: [
        ...rounds.figures('last of 1,000 deliveries', 'ms', ({ lastMs }) => lastMs),
        ...rounds.figures('deliveries at saturation', '1/s', ({ perSecond }) => perSecond),
        ...rounds.figures('messages lost over one reconnect of 100 clients, of 3,000', '', ({ lost }) => lost),
      ],
    };
  },
};

async function measure(design: Variant, assembly: string): Promise<Design> {
  const figures =
    design === 'ours' ? await measureDesign(assembly, oursAt) : await measureDesign(assembly, plainAt, BLOCKS_WINDOW);
  const lost = await inScene(async ({ runtime, worker }) => {
    const { url } = await runtime({ assembly });
    const { call } = worker<ReconnectCommands>(new URL('reconnect-worker.ts', import.meta.url));
    await call('open', { url, design, clients: CLIENTS });
    return call('reconnect', undefined);
  });
  return { ...figures, lost };
}
