import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { outputTail } from '../../local/child-process.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';
import { inRounds, ratioOf } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { HERE } from '../processes/start-runtime.ts';

const ROUNDS = 3;
const SUBSCRIBERS = 10;
const MESSAGES = 2_000;
const WINDOW = 200;
const TOPIC = 'replayed';
const MS_PER_SECOND = 1_000;

interface Figures {
  readonly livePerSecond: number;
  readonly replayedPerSecond: number;
}

/** The bench of the operator's replay command. */
export const REPLAY_BENCH: Bench = {
  name: 'replay',
  summary: "records a second of the operator's replay command, its start included, beside the same records live",
  run: async ({ assembly, temporaryDirectory, progress }) => {
    const [directory, folder] = [await assembly(), await temporaryDirectory()];
    const rounds = await inRounds<'replay', Figures>({
      variants: ['replay'],
      rounds: ROUNDS,
      measure: (_, round) => inScene((scene) => measure(scene, directory, join(folder, `${round}.state`))),
      progress,
    });
    const live = rounds.values('replay', ({ livePerSecond }) => livePerSecond);
    const replayed = rounds.values('replay', ({ replayedPerSecond }) => replayedPerSecond);
    return {
      ratios: { records_vs_live: ratioOf(replayed, live) },
      figures: [
        { variant: 'replay', name: `records to ${SUBSCRIBERS} subscribers`, unit: '1/s', values: replayed },
        { variant: 'live', name: `records to ${SUBSCRIBERS} subscribers`, unit: '1/s', values: live },
      ],
    };
  },
};

async function measure({ runtime, clients }: Scene, assembly: string, stateFile: string): Promise<Figures> {
  const { url } = await runtime({ assembly });
  const target = { kind: 'wire', url, topics: [TOPIC] } as const;
  const subscribers = await clients(target, SUBSCRIBERS);
  const publisher = await clients(target, 1);
  const all = { messages: MESSAGES * SUBSCRIBERS };
  await subscribers.call('reset', undefined);
  await publisher.call('publishMany', { window: WINDOW, messages: MESSAGES });
  const live = await subscribers.call('receive', all);
  await subscribers.call('reset', undefined);
  const beganMs = monotonicMs();
  await replay(url, stateFile);
  await subscribers.call('receive', all);
  const perSecond = (ms: number): number => (MESSAGES * MS_PER_SECOND) / ms;
  return { livePerSecond: perSecond(live.elapsedMs), replayedPerSecond: perSecond(monotonicMs() - beganMs) };
}

async function replay(url: string, stateFile: string): Promise<void> {
  const { origin } = new URL(url.replace(/^ws/, 'http'));
  const what = ['--topic', TOPIC, '--from', '1', '--to', String(MESSAGES), '--state', stateFile];
  const child = spawn(process.execPath, [join(HERE, 'cli/main.ts'), 'replay', ...what, '--url', origin], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BENCH_BOUNDS.DELIVERY_MS,
    killSignal: 'SIGKILL',
  });
  const said = outputTail([child.stdout, child.stderr]);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`replay ended with ${String(code)}: ${said()}`);
}
