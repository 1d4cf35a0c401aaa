import { treeCpuMs } from '../harness/process-cpu.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { OverloadCommands } from './overload-worker.ts';

const ROUNDS = 2;
/** The connections that publish in turn. */
const CONNECTIONS = 32;
const IN_FLIGHT = 64;
const WARM_MS = 4_000;
const BEST_MS = 3_000;
/** The publishes that are offered, over the best throughput. */
const TIMES_BEST = 4;
const OVERLOAD_MS = 20_000;
/** The low rate whose p99 shows that the load is over. */
const CALM = { perSecond: 40, durationMs: 1_000 } as const;
const CALM_BEFORE = { ...CALM, durationMs: 3_000 } as const;
/** The p99 is back when it is at most this many times that before the overload. */
const BACK = 2;
/** Time in ms after which a recovery ends without a low p99, and counts as that long. */
const RECOVERY_MS = 15_000;
const MS_PER_SECOND = 1_000;

interface Overload {
  readonly best: number;
  readonly acks: number;
  /** The server's CPU for an ack, in ms, at the best throughput and while too much is offered. */
  readonly bestCpuMs: number;
  readonly overloadCpuMs: number;
  readonly refusedShare: number;
  readonly calmP99Ms: number;
  readonly recoverySeconds: number;
}

/** The bench of a backend that is offered more than it can do. */
export const OVERLOAD: Bench = {
  name: 'overload',
  summary: 'publishes at 4 times the best throughput for 20 s: acks a second over the best, then the time to recover',
  isExtra: true,
  run: async ({ assembly, progress }) => {
    const directory = await assembly();
    const rounds = await inRounds<'publish', Overload>({
      variants: ['publish'],
      rounds: ROUNDS,
      measure: () => inScene((scene) => measure(scene, directory)),
      progress,
    });
    const values = (read: (overload: Overload) => number): number[] => rounds.values('publish', read);
    return {
      ratios: {
        acks_at_overload_vs_best: values(({ acks, best }) => acks / best),
        cpu_of_an_ack_at_overload_vs_best: values(({ overloadCpuMs, bestCpuMs }) => overloadCpuMs / bestCpuMs),
        recovery_seconds: values(({ recoverySeconds }) => recoverySeconds),
      },
      figures: [
        ...rounds.figures('acks, 64 in flight', '1/s', ({ best }) => best),
        ...rounds.figures('acks while 4 times that is offered', '1/s', ({ acks }) => acks),
        ...rounds.figures('CPU of the whole server per ack, 64 in flight', 'ms', ({ bestCpuMs }) => bestCpuMs),
        ...rounds.figures('the same while 4 times that is offered', 'ms', ({ overloadCpuMs }) => overloadCpuMs),
        ...rounds.figures('share of the offered publishes that is refused', '', ({ refusedShare }) => refusedShare),
        ...rounds.figures('p99 at 40 publishes a second, before', 'ms', ({ calmP99Ms }) => calmP99Ms),
        ...rounds.figures('time until p99 is back', 's', ({ recoverySeconds }) => recoverySeconds),
      ],
    };
  },
};

async function measure({ runtime, worker }: Scene, assembly: string): Promise<Overload> {
  const { url, pid } = await runtime({ assembly });
  const { call } = worker<OverloadCommands>(new URL('overload-worker.ts', import.meta.url));
  await call('open', { url, connections: CONNECTIONS });
  await call('best', { inFlight: IN_FLIGHT, warmMs: WARM_MS, measuredMs: 0 });
  const bestCpu = cpuOf(pid);
  const before = await call('best', { inFlight: IN_FLIGHT, warmMs: 0, measuredMs: BEST_MS });
  const bestCpuMs = bestCpu() / ((before * BEST_MS) / MS_PER_SECOND);
  const calmP99Ms = await call('p99', CALM_BEFORE);
  const offered = { perSecond: TIMES_BEST * before, durationMs: OVERLOAD_MS };
  const overloadCpu = cpuOf(pid);
  const { acksPerSecond, refused, offered: count } = await call('offer', offered);
  const overloadCpuMs = overloadCpu() / ((acksPerSecond * OVERLOAD_MS) / MS_PER_SECOND);
  const recoveryMs = await call('recover', { p99Ms: BACK * calmP99Ms, limitMs: RECOVERY_MS, window: CALM });
  // Measured again, since the machine is seldom the same for a minute. The better one counts.
  const after = await call('best', { inFlight: IN_FLIGHT, warmMs: 0, measuredMs: BEST_MS });
  return {
    best: Math.max(before, after),
    acks: acksPerSecond,
    bestCpuMs,
    overloadCpuMs,
    refusedShare: refused / count,
    calmP99Ms,
    recoverySeconds: recoveryMs / MS_PER_SECOND,
  };
}

/** Returns a function that returns the CPU time in ms that a server has taken since. */
function cpuOf(pid: number): () => number {
  const beganMs = treeCpuMs(pid);
  return () => treeCpuMs(pid) - beganMs;
}
