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
