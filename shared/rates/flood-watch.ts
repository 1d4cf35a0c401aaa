import { createNewest } from '../newest.ts';

/**
 * Time in ms from a connection's first refused frame in which further ones do not count against it, 2,000: its client
 * had sent them before it could know.
 * @limit client
 */
const NOTICE_MS = 2_000;

/**
 * Part of a connection's frames, four fifths, that has to be refused before the connection is closed. Senders that wait
 * as they are told have about every other frame refused at most.
 * @limit client
 */
const REFUSED_SHARE = 0.8;

/** Number of connections that a warm Lambda watches after a refused frame. Past it the oldest is forgotten. */
const WATCHED = 10_000;

/** The frames of a connection since its first refused one, without those of the notice. */
interface Run {
  readonly beganMs: number;
  readonly refused: number;
  readonly taken: number;
}

const NO_RUN: Run = { beganMs: -Infinity, refused: 0, taken: 0 };

/** The rules by which a connection floods. */
export interface FloodRules {
  /** Number of refused frames that a run has at least. */
  readonly limit: number;
  /** Time in ms for which a connection has to go on. */
  readonly floodMs: number;
  /** Returns the time in epoch milliseconds. */
  readonly now: () => number;
}

/** Watches the connections of which a warm Lambda has refused a frame. */
export interface FloodWatch {
  /** Counts a frame that was within the rates. */
  readonly taken: (connectionId: string) => void;
  /** Counts a refused frame. Returns the number of those in this run if the connection floods; undefined otherwise. */
  readonly refused: (connectionId: string) => number | undefined;
}

/**
 * Creates the flood watch of a warm Lambda. A connection floods if it has gone on for `floodMs` after its first refused
 * frame, with at least `limit` refused ones, and `REFUSED_SHARE` of all. One that still floods later is reported again.
 */
export function createFloodWatch({ limit, floodMs, now }: FloodRules): FloodWatch {
  const counts = (ageMs: number): boolean => ageMs >= NOTICE_MS && ageMs < floodMs;
  const runs = createNewest<string, Run>(WATCHED);
  return {
    taken: (connectionId) => {
      const run = runs.get(connectionId);
      if (run !== undefined && counts(now() - run.beganMs)) runs.set(connectionId, { ...run, taken: run.taken + 1 });
    },
    refused: (connectionId) => {
      const nowMs = now();
      const run = runs.get(connectionId) ?? NO_RUN;
      const ageMs = nowMs - run.beganMs;
      if (ageMs < floodMs) {
        runs.set(connectionId, { ...run, refused: run.refused + (counts(ageMs) ? 1 : 0) });
        return undefined;
      }
      runs.set(connectionId, { ...NO_RUN, beganMs: nowMs });
      // A pause as long as that has ended the run before.
      return ageMs < 2 * floodMs && isFlood(run, limit) ? run.refused : undefined;
    },
  };
}

const isFlood = ({ refused, taken }: Run, limit: number): boolean =>
  refused >= limit && refused >= REFUSED_SHARE * (refused + taken);
