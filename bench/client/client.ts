import { inRounds } from '../harness/rounds.ts';
import { inScene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { ClientVariant, LibraryCommands } from './library-worker.ts';

const ROUNDS = 5;
const MESSAGES = 100_000;
const WARM_MESSAGES = 20_000;
const US_PER_SECOND = 1_000_000;

const VARIANTS: readonly ClientVariant[] = ['library, single frames', 'library, batches', 'JSON.parse'];

/** The bench of the client library's CPU per message, beside JSON.parse. */
export const CLIENT: Bench = {
  name: 'client',
  summary: 'messages a second through the client library, fed by a socket of no cost, beside a bare JSON.parse of each',
  run: async ({ progress }) => {
    const rounds = await inRounds({ variants: VARIANTS, rounds: ROUNDS, measure, progress });
    const cpu = (cpuUs: number): number => cpuUs;
    return {
      ratios: {
        cpu_vs_json_parse: rounds.ratio('library, single frames', 'JSON.parse', cpu),
        cpu_of_batches_vs_json_parse: rounds.ratio('library, batches', 'JSON.parse', cpu),
      },
      figures: [
        ...rounds.figures('CPU per message', 'µs', cpu),
        ...rounds.figures('messages on one core', '1/s', (cpuUs) => US_PER_SECOND / cpuUs),
      ],
    };
  },
};

const measure = (variant: ClientVariant): Promise<number> =>
  inScene(({ worker }) =>
    worker<LibraryCommands>(new URL('library-worker.ts', import.meta.url)).call('load', {
      variant,
      messages: MESSAGES,
      warmMessages: WARM_MESSAGES,
    }),
  );
