import { writeAssembly } from '../assembly/write-assembly.ts';
import { inRounds } from '../harness/rounds.ts';
import type { LoadTarget } from '../load/client.ts';
import { lastDeliveryMs, saturated } from '../load/measures.ts';
import { inScene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { tutorialApplication } from './application.ts';

const ROUNDS = 3;
const SUBSCRIBERS = 1_000;
const PUBLISHES = 3;
/** Publishes before measuring: the first finds everything cold. */
const WARM_PUBLISHES = 2;
/** Time in ms before measuring: Lambdas are several processes, each of which has its code to compile first. */
const WARM_MS = 1_500;
const MEASURED_MS = 2_000;
/** Publishes in flight at saturation: more than one batch of the stream holds. */
const WINDOW = 200;
const TOPIC = 'tutorial';

type Variant = 'ours' | 'one-after-another' | 'all-at-once';

/** The figures of one design. */
export interface Figures {
  readonly lastMs: number;
  readonly perSecond: number;
}

/** The bench of the classic tutorials' design. */
export const TUTORIAL: Bench = {
  name: 'tutorial',
  summary:
    "the classic tutorials' design in the same local runtime: scan, then a post for each, by the official client",
  run: async ({ assembly, temporaryDirectory, progress }) => {
    const assemblies: Readonly<Record<Variant, string>> = {
      ours: await assembly(),
      'one-after-another': await writeAssembly(await temporaryDirectory(), tutorialApplication('one-after-another')),
      'all-at-once': await writeAssembly(await temporaryDirectory(), tutorialApplication('all-at-once')),
    };
    const rounds = await inRounds<Variant, Figures>({
      variants: ['ours', 'one-after-another', 'all-at-once'],
      rounds: ROUNDS,
      measure: (variant) => measure(variant, assemblies[variant]),
      progress,
    });
    return {
      ratios: {
        last_delivery_vs_tutorial: rounds.ratio('one-after-another', 'ours', last),
        deliveries_vs_tutorial: rounds.ratio('ours', 'one-after-another', speed),
        last_delivery_vs_all_at_once: rounds.ratio('all-at-once', 'ours', last),
        deliveries_vs_all_at_once: rounds.ratio('ours', 'all-at-once', speed),
      },
      figures: [
        ...rounds.figures('last of 1,000 deliveries', 'ms', last),
        ...rounds.figures('deliveries at saturation', '1/s', speed),
      ],
      notes: [
        'Our subscribers ask for `batch`, as the library does by itself. The tutorial makes its callback client in the handler, as the tutorials do.',
      ],
    };
  },
};

const last = ({ lastMs }: Figures): number => lastMs;
const speed = ({ perSecond }: Figures): number => perSecond;

const measure = (variant: Variant, assembly: string): Promise<Figures> =>
  measureDesign(assembly, (url) => targetOf(variant, url));

/** Measures one publish to 1,000 clients, and deliveries at saturation, of one design that is started for it. */
export const measureDesign = (
  assembly: string,
  targetAt: (url: string) => LoadTarget,
  window = WINDOW,
): Promise<Figures> =>
  inScene(async ({ runtime, clients }) => {
    const target = targetAt((await runtime({ assembly })).url);
    const subscribers = await clients(target, SUBSCRIBERS);
    const publisher = await clients(target, 1);
    const publishing = { publish: () => publisher.call('publish', undefined), subscribers, each: SUBSCRIBERS };
    await lastDeliveryMs(publishing, WARM_PUBLISHES);
    const { medianMs } = await lastDeliveryMs(publishing, PUBLISHES);
    const { perSecond } = await saturated({
      saturate: (durationMs) => publisher.call('saturate', { window, durationMs }),
      subscribers,
      warmMs: WARM_MS,
      measuredMs: MEASURED_MS,
    });
    return { lastMs: medianMs, perSecond };
  });

const targetOf = (variant: Variant, url: string): LoadTarget => (variant === 'ours' ? oursAt(url) : plainAt(url));

/** Returns how clients use our stage. */
export const oursAt = (url: string): LoadTarget => ({ kind: 'wire', url, topics: [TOPIC], batch: true });
/** Returns how clients use a stage with the one route `sendmessage`. */
export const plainAt = (url: string): LoadTarget => ({
  kind: 'plain',
  url,
  topics: [],
  envelope: { before: '{"action":"sendmessage","data":', after: '}' },
});
