/**
 * The lateness policy: how long a post may keep others waiting, and how a connection that does not answer is treated.
 * docs/lateness.md describes it on one page; this file has its constants, and the one state of each connection.
 */
import { createNewest } from '../../newest.ts';
import { LATE_MS, POST_TIMEOUT_MS } from '../../post/post.ts';
import type { DeliveryResult } from './outcomes.ts';

/**
 * Multiple of the average answer time after which a post is late, if that is longer than `LATE_MS`. Where all answers
 * are slow, none is late.
 */
export const LATE_FACTOR = 8;
/**
 * Upper bound in ms of the adaptive thresholds. Without it a slow endpoint would let every post hold its place until
 * `POST_TIMEOUT_MS`.
 */
export const LATE_CAP_MS = 500;
/** Number of answers that the moving average of answer times covers; the newest count most. */
export const AVERAGED_ANSWERS = 64;
/**
 * Deadline in ms of a post to a throttled connection, and lower bound of the deadline in retry rounds. Raised with
 * the average answer time, like `LATE_MS`.
 */
export const SLOW_POST_TIMEOUT_MS = 100;
/**
 * Lower bound in ms of the deadline of a post to a silent connection. Posts to silent connections run beside the
 * others, which wait for them.
 */
export const SILENT_POST_TIMEOUT_MS = 25;
/**
 * Multiple of the average answer time that a silent connection is waited for, if that is longer than
 * `SILENT_POST_TIMEOUT_MS`.
 */
const SILENT_FACTOR = 3;
/**
 * Time in ms for which a connection that used up its retries is remembered as slow; also the time after which the
 * average answer time is forgotten.
 * @limit operator
 */
export const SLOW_MS = 60_000;
/**
 * Time in ms after a 429 for which no recovery is prepared for a connection; it is owed instead. The connection is then
 * tried once: it may read again.
 */
export const UNREAD_MS = 10_000;
/** Time in ms that a connection must have been silent, over at least two tries, before it rests. */
export const SILENT_MS = 500;
/** First rest of a silent connection in ms; doubled with each further rest. */
export const SLOW_REST_MS = 1_000;
/**
 * Upper bound in ms of the pause before a silent connection is posted to again.
 * @limit operator
 */
const SLOW_REST_CAP_MS = 32_000;
/** Number of slow connections that a warm Lambda remembers; the oldest is forgotten. */
export const SLOW_CONNECTIONS = 10_000;
/**
 * Share of the connections up to which unanswered posts are their own doing: they are retried once only, and late
 * ones are abandoned at the end of a pass. Above it the endpoint is slow, and each post has its whole deadline.
 */
const FEW_SHARE = 0.1;
/**
 * Number of unanswered posts in a row after which the endpoint counts as down and the pass ends.
 * @limit operator
 */
export const OUTAGE_POSTS = 128;
/** Number of connections that may all stay silent without that being an outage. */
export const SILENT_CONNECTIONS = 2;

/**
 * The state of a connection.
 * - `prompt`: posted to first, and retried.
 * - `throttled`: API Gateway answered 429 until the retries were used up. Posted to once, after the others.
 * - `silent`: did not answer. Posted to once, beside the others, with a short deadline.
 * - `resting`: silent for so long that it is not posted to at present. Its client sees the gap and catches up.
 */
export type ConnectionPace = 'prompt' | 'throttled' | 'silent' | 'resting';

/** The memory of how connections and the endpoint answer, while an environment is warm. */
export interface Lateness {
  readonly paceOf: (connectionId: string) => ConnectionPace;
  /**
   * Whether the connection takes no frames at present: it rests, or it was throttled in the last UNREAD_MS. Preparing
   * frames for it would be in vain.
   */
  readonly takesNothing: (connectionId: string) => boolean;
  /** Learns from the final result of a delivery. */
  readonly noteResult: (result: DeliveryResult) => void;
  /** Learns how long an answer took, in ms. */
  readonly noteAnswer: (tookMs: number) => void;
  /** Time in ms after which a post is late, by the average answer time. */
  readonly lateMs: () => number;
  /** Deadline in ms of a post to a silent connection, by the average answer time. */
  readonly silentMs: () => number;
  /** Scales a deadline in ms with the endpoint's average answer time, as `lateMs` grows with it. */
  readonly scaledTimeout: (timeoutMs: number) => number;
}

/** A connection that used up its retries. */
interface Slow {
  readonly untilMs: number;
  /** Time of the first unanswered try; undefined for a throttled connection. */
  readonly silentSinceMs: number | undefined;
  readonly restMs: number;
  readonly restUntilMs: number;
}

/** Creates the memory. A connection is forgotten as soon as it takes a frame, or after SLOW_MS. */
export function createLateness(now: () => number): Lateness {
  const slow = createNewest<string, Slow>(SLOW_CONNECTIONS);
  const average = createAverage(now);
  const lateMs = (): number => capped(LATE_MS, LATE_FACTOR * average.ms());
  return {
    paceOf: (connectionId) => paceAt(now(), slow.get(connectionId)),
    takesNothing: (connectionId) => takesNothingAt(now(), slow.get(connectionId)),
    noteResult: ({ delivery: { connectionId }, outcome }) => {
      if (outcome === 'delivered') slow.delete(connectionId);
      if (outcome === 'throttled') slow.set(connectionId, throttledAt(now()));
      if (outcome === 'unanswered') slow.set(connectionId, silentAt(now(), slow.get(connectionId)));
    },
    noteAnswer: average.note,
    lateMs,
    silentMs: () => capped(SILENT_POST_TIMEOUT_MS, SILENT_FACTOR * average.ms()),
    scaledTimeout: (timeoutMs) => Math.min(POST_TIMEOUT_MS, (timeoutMs * lateMs()) / LATE_MS),
  };
}

const capped = (...atLeastMs: readonly number[]): number => Math.min(LATE_CAP_MS, Math.max(...atLeastMs));

/** Returns the moving average of answer times in ms. */
function createAverage(now: () => number) {
  let averageMs = 0;
  let answeredAtMs = now();
  return {
    ms: () => averageMs,
    note: (tookMs: number) => {
      // An old average says nothing about now; and a clock that was set back must not make an answer negative.
      if (now() - answeredAtMs > SLOW_MS) averageMs = 0;
      answeredAtMs = now();
      const boundedMs = Math.min(POST_TIMEOUT_MS, Math.max(0, tookMs));
      averageMs += (boundedMs - averageMs) / AVERAGED_ANSWERS;
    },
  };
}

function paceAt(nowMs: number, known: Slow | undefined): ConnectionPace {
  if (known === undefined || known.untilMs <= nowMs) return 'prompt';
  if (known.silentSinceMs === undefined) return 'throttled';
  return known.restUntilMs > nowMs ? 'resting' : 'silent';
}

function takesNothingAt(nowMs: number, known: Slow | undefined): boolean {
  const pace = paceAt(nowMs, known);
  if (pace !== 'throttled' || known === undefined) return pace === 'resting';
  const triedAtMs = known.untilMs - SLOW_MS;
  return nowMs - triedAtMs < UNREAD_MS;
}

const throttledAt = (nowMs: number): Slow => ({
  untilMs: nowMs + SLOW_MS,
  silentSinceMs: undefined,
  restMs: 0,
  restUntilMs: 0,
});

/**
 * A 429 arrives at once and costs the others nothing. Silence costs them time, so a silent connection rests, each time
 * twice as long. The first rest begins only after SILENT_MS: a machine may have stood still for a moment, and a resting
 * connection receives nothing.
 */
function silentAt(nowMs: number, before: Slow | undefined): Slow {
  const known = before !== undefined && before.untilMs > nowMs ? before : throttledAt(nowMs);
  const { silentSinceMs = nowMs } = known;
  const longerMs = Math.min(SLOW_REST_CAP_MS, Math.max(SLOW_REST_MS, 2 * known.restMs));
  const restMs = nowMs - silentSinceMs < SILENT_MS ? 0 : longerMs;
  return { untilMs: nowMs + SLOW_MS, silentSinceMs, restMs, restUntilMs: nowMs + restMs };
}

/**
 * Counts the unanswered posts in a row of one pass. From OUTAGE_POSTS on the endpoint is down: it cannot be the
 * connections' doing.
 */
export function createOutageWatch() {
  let unanswered = 0;
  return {
    isOutage: () => unanswered >= OUTAGE_POSTS,
    note: (result: DeliveryResult) => {
      unanswered = isAnswered(result) ? 0 : unanswered + 1;
    },
  };
}

/** Whether the endpoint answered for this connection, whatever it said. */
export const isAnswered = ({ outcome }: DeliveryResult): boolean =>
  outcome !== 'unanswered' && outcome !== 'failed' && outcome !== 'skipped';

/**
 * Whether unanswered posts are few, so that they are the connections' own doing. Where many do not answer, the endpoint
 * is slow, and nobody is given up early.
 */
export const areFew = (unanswered: number, all: number): boolean => unanswered <= FEW_SHARE * all;

/**
 * Whether nothing can be concluded about the connections, since nobody was reached. A few silent connections may be
 * slow themselves; an error of the endpoint is never a connection's doing.
 */
export function isUnreached(results: readonly DeliveryResult[]): boolean {
  const isSilent = results.every(({ outcome }) => outcome === 'failed' || outcome === 'unanswered');
  const isTheirs = results.length <= SILENT_CONNECTIONS && !results.some(({ outcome }) => outcome === 'failed');
  return results.length > 0 && isSilent && !isTheirs;
}

/** A known-slow connection that stays silent must not count as evidence of an outage: it is reported as throttled. */
export const unansweredAsThrottled = (result: DeliveryResult): DeliveryResult =>
  result.outcome === 'unanswered' ? { ...result, outcome: 'throttled' } : result;
