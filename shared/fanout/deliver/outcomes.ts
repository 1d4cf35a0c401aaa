import type { PostOutcome } from '../../post/post.ts';

/**
 * Number of undelivered connections that the log lines of one batch, or of one shard worker, name; the others are
 * counted.
 * @limit operator
 */
export const LOGGED_CONNECTIONS = 500;

/** The frames that are due to one connection, in order. */
export interface Delivery {
  readonly connectionId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  readonly frames: readonly string[];
}

/** The end of a delivery. `skipped`: there was no time to try. */
type Outcome = PostOutcome | 'skipped';

/** A delivery and its outcome. */
export interface DeliveryResult {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  /** The number of frames that reached the connection, from the first on. */
  readonly frames: number;
}

/** The outcomes of deliveries, counted. */
export interface OutcomeCounts {
  readonly connections: number;
  readonly delivered: number;
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
}

/** Counts how deliveries ended. */
export function countOutcomes(results: readonly Pick<DeliveryResult, 'outcome'>[]): OutcomeCounts {
  const counts = { connections: results.length, delivered: 0, gone: 0, throttled: 0, failed: 0 };
  for (const { outcome } of results) counts[COUNTED_AS[outcome]] += 1;
  return counts;
}

const COUNTED_AS = {
  delivered: 'delivered',
  gone: 'gone',
  throttled: 'throttled',
  failed: 'failed',
  unanswered: 'failed',
  refused: 'failed',
  skipped: 'failed',
} as const satisfies Readonly<Record<Outcome, keyof OutcomeCounts>>;

/** Adds up counts of several groups of deliveries. */
export function sumCounts(counts: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = (name: keyof OutcomeCounts): number => counts.reduce((total, each) => total + each[name], 0);
  return {
    connections: sum('connections'),
    delivered: sum('delivered'),
    gone: sum('gone'),
    throttled: sum('throttled'),
    failed: sum('failed'),
  };
}

/** A connection that was not delivered to, and why. */
export interface Missed {
  readonly connectionId: string;
  readonly outcome: Outcome;
}

/** The connections that were not delivered to, as a log line names them: absent members mean none. */
export interface UndeliveredNames {
  /** Connection ids by outcome. */
  readonly undelivered?: Readonly<Partial<Record<Outcome, readonly string[]>>>;
  /** The number of further ones. */
  readonly unnamed?: number;
}

/** Names the connections that deliveries did not reach, as many as a log line may have. */
export const nameUndelivered = (results: readonly DeliveryResult[]): UndeliveredNames =>
  nameMissed(
    results.filter(isUndelivered).map(({ delivery: { connectionId }, outcome }) => ({ connectionId, outcome })),
    LOGGED_CONNECTIONS,
  );

/** Names up to `most` of the missed connections, by outcome, and counts the others. */
export function nameMissed(missed: readonly Missed[], most: number): UndeliveredNames {
  if (missed.length === 0) return {};
  const unnamed = Math.max(0, missed.length - most);
  const groups = Map.groupBy(missed.slice(0, most), ({ outcome }) => outcome);
  const undelivered = Object.fromEntries(
    Array.from(groups, ([outcome, some]) => [outcome, some.map(({ connectionId }) => connectionId)]),
  );
  return { undelivered, ...(unnamed === 0 ? {} : { unnamed }) };
}

/** Whether a connection lacks frames that were due to it. */
export const isUndelivered = ({ outcome }: DeliveryResult): boolean => outcome !== 'delivered';
