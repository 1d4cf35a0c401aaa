import type { StreamRecord } from './stream-record.ts';

const MS_PER_SECOND = 1_000;

/** The end of an ISO timestamp that a window's times do not have. */
const FRACTION = /\.\d{3}Z$/;

/**
 * Returns the beginning in epoch ms of a record's tumbling window. Windows follow one another from the beginning of the
 * epoch, and a record belongs to one by its creation time. Without windows every record belongs to the same.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
 */
export function windowStartOf({ event }: Pick<StreamRecord, 'event'>, windowSeconds: number): number {
  if (windowSeconds === 0) return 0;
  const windowMs = windowSeconds * MS_PER_SECOND;
  return Math.floor((event.dynamodb.ApproximateCreationDateTime * MS_PER_SECOND) / windowMs) * windowMs;
}

/** Returns a window as events name it: `{ start: '2026-11-30T17:00:00Z', end: '2026-11-30T17:05:00Z' }`. */
export const describeWindow = (startMs: number, windowSeconds: number) => ({
  start: isoSeconds(startMs),
  end: isoSeconds(startMs + windowSeconds * MS_PER_SECOND),
});

const isoSeconds = (epochMs: number): string => new Date(epochMs).toISOString().replace(FRACTION, 'Z');
