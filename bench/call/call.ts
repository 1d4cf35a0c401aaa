import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { StubCommands } from '../post/stub-worker.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { CallCommands } from './call-worker.ts';
import { ANSWERS, type CallName, type CallWay } from './ways.ts';

/** The number of rounds: many short ones by turns, in which the rest of the machine's load meets all variants alike. */
const ROUNDS = 11;

/** The calls of one measurement, and those before the first one that are not measured: a Lambda's code is compiled. */
const TIMES: Readonly<Record<CallName, number>> = { update: 1_000, query: 60 };
const WARM_ROUNDS = 4;

/** The variants: each call by each way. */
const VARIANTS = {
  'bare update': { name: 'update', way: 'bare' },
  'our update': { name: 'update', way: 'ours' },
  'official update': { name: 'update', way: 'official' },
  'bare query': { name: 'query', way: 'bare' },
  'our query': { name: 'query', way: 'ours' },
  'official query': { name: 'query', way: 'official' },
} as const satisfies Record<string, { readonly name: CallName; readonly way: CallWay }>;

type Variant = keyof typeof VARIANTS;

const NAMES = Object.keys(VARIANTS).filter((name): name is Variant => name in VARIANTS);

/** The bench `call`: the CPU of one call of DynamoDB. */
export const CALL: Bench = {
  name: 'call',
  summary: 'one UpdateItem and one Query of 1,000 items by our DynamoDB client, beside bare signed exchanges',
  run: async ({ progress }) => {
    const rounds = await inScene(async (scene) => {
      const callers = new Map<Variant, Worker<CallCommands>>();
      for (const variant of NAMES) callers.set(variant, await open(scene, variant));
      return inRounds({ variants: NAMES, rounds: ROUNDS, measure: (variant) => measure(callers, variant), progress });
    });
    const cpu = (us: number): number => us;
    return {
      ratios: {
        update_cpu_vs_bare: rounds.ratio('our update', 'bare update', cpu),
        query_cpu_vs_bare: rounds.ratio('our query', 'bare query', cpu),
        official_update_cpu_vs_ours: rounds.ratio('official update', 'our update', cpu),
        official_query_cpu_vs_ours: rounds.ratio('official query', 'our query', cpu),
      },
      figures: rounds.figures('CPU per call', 'µs', cpu),
    };
  },
};

/** Starts a variant in a separate process, against a separate endpoint, and warms it. */
async function open({ worker }: Scene, variant: Variant): Promise<Worker<CallCommands>> {
  const { name, way } = VARIANTS[variant];
  const stub = worker<StubCommands>(new URL('../post/stub-worker.ts', import.meta.url));
  const endpoint = `http://127.0.0.1:${await stub.call('listen', { body: ANSWERS[name] })}`;
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'ASIALOCALEXAMPLE0000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
  const caller = worker<CallCommands>(new URL('call-worker.ts', import.meta.url), { environment });
  await caller.call('open', { way, name, endpoint });
  await caller.call('call', { times: WARM_ROUNDS * TIMES[name] });
  return caller;
}

async function measure(callers: ReadonlyMap<Variant, Worker<CallCommands>>, variant: Variant): Promise<number> {
  const caller = callers.get(variant);
  if (caller === undefined) throw new Error(`Nobody makes the ${variant}.`);
  return caller.call('call', { times: TIMES[VARIANTS[variant].name] });
}
