import { percentile } from '../../shared/percentile.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { nowUs } from './stamped.ts';

/** The messages that one process of clients has received since the last reset. */
export interface Received {
  readonly messages: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
  /** CPU time of this process in ms, which shows whether the clients are the bottleneck. */
  readonly clientCpuMs: number;
}

/** A recorder of messages and their latencies. */
export interface Latencies {
  readonly add: (stampUs: number) => void;
  readonly count: () => number;
  readonly reset: () => void;
  readonly report: () => Received;
}

const US_PER_MS = 1_000;

/** Creates a recorder that counts messages and keeps their latencies. */
export function createLatencies(): Latencies {
  const kept = new Float64Array(BENCH_BOUNDS.LATENCIES);
  let messages = 0;
  let beganUs = nowUs();
  let cpu = process.cpuUsage();
  return {
    add: (stampUs) => {
      if (messages < kept.length) kept[messages] = nowUs() - stampUs;
      messages++;
    },
    count: () => messages,
    reset: () => {
      messages = 0;
      beganUs = nowUs();
      cpu = process.cpuUsage();
    },
    report: () => {
      const sorted = kept.slice(0, messages).sort();
      const partOf = (share: number): number => percentile(sorted, share) ?? Number.NaN;
      const { user, system } = process.cpuUsage(cpu);
      return {
        messages,
        elapsedMs: (nowUs() - beganUs) / US_PER_MS,
        p50Ms: partOf(0.5) / US_PER_MS,
        p99Ms: partOf(0.99) / US_PER_MS,
        maximumMs: partOf(1) / US_PER_MS,
        clientCpuMs: (user + system) / US_PER_MS,
      };
    },
  };
}
