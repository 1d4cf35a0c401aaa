import type { Backend } from '../backend.ts';
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

/** Sums up what was delivered since then; undefined where the logs cannot be read. */
export async function readDeliveries(backend: Backend, sinceMs: number): Promise<Deliveries | undefined> {
  if (!backend.stack.isLocal) return undefined;
  return sumUp(await findLines(backend, { contains: [fieldText('message', 'broadcast')], sinceMs }));
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
