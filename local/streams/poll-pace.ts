import type { StreamClock } from './clock.ts';
import type { PollTuning } from './poll-tuning.ts';

/** The pace at which a shard is polled. */
export interface PollPace {
  /** Reports activity: a record, or a wake. */
  readonly active: () => void;
  /** Returns the time in ms to wait after a poll that began at `startedMs`. */
  readonly nextPollMs: (startedMs: number) => number;
}

/** Creates the pace of one shard: fast during activity, then slower with each poll down to AWS's base rate. */
export function createPollPace(tuning: PollTuning, clock: StreamClock): PollPace {
  let activeUntilMs = clock.now() + tuning.activeMs;
  let waitMs = tuning.fastPollMs;
  const active = (): void => {
    activeUntilMs = clock.now() + tuning.activeMs;
    waitMs = tuning.fastPollMs;
  };
  const nextPollMs = (startedMs: number): number => {
    if (tuning.mode === 'aws') return Math.max(startedMs + tuning.idlePollMs - clock.now(), 0);
    if (clock.now() >= activeUntilMs) waitMs = Math.min(waitMs * 2, tuning.idlePollMs);
    const restMs = tuning.pollRest * (clock.now() - startedMs);
    return Math.max(waitMs, Math.min(restMs, tuning.idlePollMs));
  };
  return { active, nextPollMs };
}

/** The functions that write to a stream, as its polls have shown. */
export interface WakeWorth {
  /** Records that an invocation of a function has ended. Returns whether that is worth an immediate poll. */
  readonly note: (functionArn: string) => boolean;
  /**
   * Records the beginning of a poll. The returned function takes, after a successful poll, whether it brought records.
   */
  readonly begin: () => (broughtRecords: boolean) => void;
}

/**
 * Creates an empty account of the functions' writes. A function after which `uselessWakes` consecutive polls found
 * nothing no longer causes immediate polls, until an ordinary poll finds records after it. Bounded by the application's
 * functions.
 */
export function createWakeWorth(uselessWakes: number): WakeWorth {
  const useless = new Map<string, number>();
  let ended = new Set<string>();
  return {
    note: (functionArn) => {
      ended.add(functionArn);
      return (useless.get(functionArn) ?? 0) < uselessWakes;
    },
    begin: () => {
      // A function that ends during the poll may have written records that this poll does not see.
      const before = ended;
      ended = new Set();
      return (broughtRecords) => {
        for (const each of before) useless.set(each, broughtRecords ? 0 : (useless.get(each) ?? 0) + 1);
      };
    },
  };
}
