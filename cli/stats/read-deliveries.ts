import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { serializedField, findLines, type FunctionLogLine, numberField } from '../logs/find-lines.ts';

/**
 * The deliveries of a span, by the broadcast's log lines. A delivery is all that one batch has of one topic for one
 * connection.
 */
export interface Deliveries {
  readonly batches: number;
  readonly delivered: number;
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
  /** Messages and values that were delivered, each counted once for each connection. */
  readonly messages: number;
  /** The lag of each batch with deliveries: from its oldest publish until all of it was posted. Ascending. */
  readonly lagsMs: readonly number[];
  /** Deliveries in the busiest second. */
  readonly peakPerSecond: number;
  /** Batches of the largest size. */
  readonly fullBatches: number;
}

/** The number of records in a full batch, by the broadcast's event source mapping. */
export const FULL_BATCH = 500;
const MS_PER_SECOND = 1_000;

interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Sums up the deliveries of a span of time; undefined where the logs cannot be read completely. For a deployed stack
 * the span is LOG_DELAY_MS earlier: CloudWatch Logs does not have its newest lines yet.
 */
export async function readDeliveries({ stack, logs }: LoggedStack, span: Span): Promise<Deliveries | undefined> {
  const delayMs = stack.isLocal ? 0 : CLI_BOUNDS.LOG_DELAY_MS;
  const lines = await findLines(
    { logs },
    {
      contains: [serializedField('message', 'broadcast')],
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

/** Sums up the broadcast's log lines: one for each topic of a batch. The lines of a batch have its request id. */
export function sumUp(lines: readonly FunctionLogLine[]): Deliveries {
  const sum = (name: string): number =>
    lines.reduce((total, { fields }) => total + (numberField(fields, name) ?? 0), 0);
  const batches = [...Map.groupBy(lines, ({ requestId }) => requestId).values()];
  const lagsMs = batches.flatMap(lagOf);
  return {
    batches: batches.length,
    delivered: sum('delivered'),
    gone: sum('gone'),
    throttled: sum('throttled'),
    failed: sum('failed'),
    messages: lines.reduce((total, { fields }) => total + messagesOf(fields), 0),
    lagsMs: lagsMs.toSorted((a, b) => a - b),
    peakPerSecond: peakOf(lines),
    fullBatches: batches.filter(isFull).length,
  };
}

const messagesOf = (fields: FunctionLogLine['fields']): number =>
  (numberField(fields, 'delivered') ?? 0) * (numberField(fields, 'changes') ?? 0);

/** Returns the lag of a batch: that of its latest topic. Empty when the batch delivered nothing. */
function lagOf(batch: readonly FunctionLogLine[]): number[] {
  const lags = batch.flatMap(({ fields }) => numberField(fields, 'lagMs') ?? []);
  return lags.length === 0 ? [] : [Math.max(...lags)];
}

/** Returns the number of deliveries in the busiest second. */
function peakOf(lines: readonly FunctionLogLine[]): number {
  const perSecond = new Map<number, number>();
  for (const { atMs, fields } of lines) {
    const second = Math.floor(atMs / MS_PER_SECOND);
    perSecond.set(second, (perSecond.get(second) ?? 0) + (numberField(fields, 'connections') ?? 0));
  }
  return Math.max(0, ...perSecond.values());
}

const isFull = ([line]: readonly FunctionLogLine[]): boolean =>
  line !== undefined && (numberField(line.fields, 'batchRecords') ?? 0) >= FULL_BATCH;
