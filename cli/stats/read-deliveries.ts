import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { fieldText, findLines, type LogLine, numberOf } from '../logs/find-lines.ts';

/** What the broadcast's log lines of a while tell. */
export interface Deliveries {
  readonly batches: number;
  readonly delivered: number;
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
  /** Of each batch that delivered anything: from its oldest publish until all of it was posted. Ascending. */
  readonly lagsMs: readonly number[];
  /** Posts of the busiest second. */
  readonly peakPerSecond: number;
  /** Batches that were as large as batches become. */
  readonly fullBatches: number;
}

/** As many records as the mapping hands over at once. */
const FULL_BATCH = 100;
const MS_PER_SECOND = 1_000;

interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Sums up what was delivered in a span of time; undefined where the logs cannot be read, wholly, as they then say. Of a deployed
 * stack the span is that of LOG_DELAY_MS before: its newest lines are not to be had yet.
 */
export async function readDeliveries({ stack, logs }: LoggedStack, span: Span): Promise<Deliveries | undefined> {
  const delayMs = stack.isLocal ? 0 : CLI_BOUNDS.LOG_DELAY_MS;
  const lines = await findLines(
    { logs },
    {
      contains: [fieldText('message', 'broadcast')],
      roles: ['broadcast'],
      sinceMs: span.sinceMs - delayMs,
      untilMs: span.untilMs - delayMs,
    },
  );
  return logs.unread.size > 0 ? undefined : sumUp(lines);
}

interface LoggedStack {
  readonly stack: Pick<Backend['stack'], 'isLocal'>;
  readonly logs: Backend['logs'];
}

/** Sums up lines of the broadcast, each of one batch. */
export function sumUp(lines: readonly LogLine[]): Deliveries {
  const sum = (name: string): number => lines.reduce((total, { fields }) => total + (numberOf(fields, name) ?? 0), 0);
  const perSecond = new Map<number, number>();
  for (const { atMs, fields } of lines) {
    const second = Math.floor(atMs / MS_PER_SECOND);
    perSecond.set(second, (perSecond.get(second) ?? 0) + (numberOf(fields, 'connections') ?? 0));
  }
  const lagsMs = lines.flatMap(({ fields }) => numberOf(fields, 'lagMs') ?? []);
  return {
    batches: lines.length,
    delivered: sum('delivered'),
    gone: sum('gone'),
    throttled: sum('throttled'),
    failed: sum('failed'),
    lagsMs: lagsMs.toSorted((a, b) => a - b),
    peakPerSecond: Math.max(0, ...perSecond.values()),
    fullBatches: lines.filter(({ fields }) => (numberOf(fields, 'records') ?? 0) >= FULL_BATCH).length,
  };
}
