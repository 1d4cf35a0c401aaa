import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import {
  serializedField,
  findLines,
  type FunctionLogLine,
  numberField,
  objectsField,
  textField,
} from '../logs/find-lines.ts';
import type { Traced } from './find-written.ts';

/** An invocation that posted the change, by its log line. */
export interface Broadcast {
  readonly atMs: number;
  readonly requestId: string;
  /** The number of records in its batch. */
  readonly records: number;
  /** The first seq of the topic in the batch. */
  readonly firstSeq: number;
  /** The last seq of the topic in the batch. */
  readonly lastSeq: number;
  readonly subscribers: number;
  /** The connections that asked not to get this change. */
  readonly excluded: readonly string[];
  /** The connections without a delivery, by outcome. */
  readonly undelivered: ReadonlyMap<string, readonly string[]>;
  /** The number of further connections without a delivery. */
  readonly unnamed: number;
  /** The connections that took only the first of their frames, each with how many. */
  readonly partly: ReadonlyMap<string, string>;
  /** The requests of the workers that posted for it, each some shards of the topic. */
  readonly workers: readonly string[];
  /** Whether the batch is retried. Some connections may have received the change all the same. */
  readonly isUndone: boolean;
}

/** Finds the invocations that posted this change, in the order of time. */
export async function findBroadcasts(
  backend: Pick<Backend, 'logs'>,
  traced: Traced & { readonly epoch: string },
  sinceMs: number | undefined,
): Promise<Broadcast[]> {
  const contains = [serializedField('message', 'broadcast'), serializedField('topic', traced.topic)];
  const untilMs = sinceMs === undefined ? undefined : sinceMs + CLI_BOUNDS.LOG_BROADCAST_MS;
  const lines = await findLines(backend, { contains, roles: ['broadcast'], sinceMs, untilMs });
  const found = lines.flatMap((line) => decodeBroadcast(line, traced));
  if (found.length === 0) return [];
  const workers = await findLines(backend, {
    contains: [serializedField('message', 'shard-worker'), serializedField('topic', traced.topic)],
    roles: ['shard-worker'],
    sinceMs,
    untilMs,
  });
  const own = workers.filter(({ fields }) => textField(fields, 'epoch') === traced.epoch);
  return found.map((broadcast, index) => withWorkers(broadcast, own, found[index - 1]?.atMs ?? 0));
}

/** Adds the results of workers. They post for a topic of many shards and log before the broadcast that invoked them. */
function withWorkers(broadcast: Broadcast, workers: readonly FunctionLogLine[], afterMs: number): Broadcast {
  const own = workers.filter(({ atMs, fields }) => {
    const lastSeq = numberField(fields, 'lastSeq') ?? 0;
    return atMs > afterMs && atMs <= broadcast.atMs && lastSeq >= broadcast.firstSeq && lastSeq <= broadcast.lastSeq;
  });
  const named = [broadcast.undelivered, ...own.map(({ fields }) => undeliveredOf(fields['undelivered']))];
  const outcomes = new Set(named.flatMap((each) => [...each.keys()]));
  return {
    ...broadcast,
    undelivered: new Map(
      Array.from(outcomes, (outcome) => [outcome, named.flatMap((each) => each.get(outcome) ?? [])] as const),
    ),
    unnamed: own.reduce((sum, { fields }) => sum + (numberField(fields, 'unnamed') ?? 0), broadcast.unnamed),
    workers: own.map(({ requestId }) => requestId),
  };
}

function decodeBroadcast(
  { atMs, requestId, fields }: FunctionLogLine,
  { topic, seq, epoch }: Traced & { readonly epoch: string },
): Broadcast[] {
  const [firstSeq, lastSeq] = [numberField(fields, 'firstSeq') ?? Infinity, numberField(fields, 'lastSeq') ?? 0];
  const isOwn = textField(fields, 'topic') === topic && textField(fields, 'epoch') === epoch;
  if (!isOwn || seq < firstSeq || seq > lastSeq) return [];
  const excluded = objectsField(fields, 'excludedPublishers').filter((each) => numberField(each, 'seq') === seq);
  return [
    {
      atMs,
      requestId,
      records: numberField(fields, 'batchRecords') ?? 0,
      firstSeq,
      lastSeq,
      subscribers: numberField(fields, 'subscribers') ?? 0,
      excluded: excluded.map((each) => textField(each, 'connectionId')),
      undelivered: undeliveredOf(fields['undelivered']),
      unnamed: numberField(fields, 'unnamed') ?? 0,
      partly: partlyOf(fields),
      workers: [],
      isUndone: (numberField(fields, 'retriedFromSeq') ?? Infinity) <= seq,
    },
  ];
}

/** Decodes the undelivered connections of a log line, by outcome. Empty when the line names none. */
export const undeliveredOf = (value: unknown): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).map(
      ([outcome, ids]: [string, unknown]) => [outcome, Array.isArray(ids) ? ids.map(String) : []],
    ),
  );

const partlyOf = (fields: FunctionLogLine['fields']): ReadonlyMap<string, string> =>
  new Map(
    objectsField(fields, 'partlyDelivered').map((each) => [
      textField(each, 'connectionId'),
      `the first ${numberField(each, 'taken') ?? 0} of its ${numberField(each, 'of') ?? 0} frames of this batch`,
    ]),
  );

/** The meaning of the outcomes of posts. */
const REASONS: Readonly<Record<string, string>> = {
  gone: 'gone (410): the connection had ended',
  throttled: 'throttled (429, or slow before): it does not read its frames, or the account’s quota is used up',
  unanswered: 'unanswered: no answer came in time',
  refused: 'refused (400 or 413): this frame will never be accepted',
  failed: 'failed: the callback endpoint answered with an error, or not at all',
  skipped: 'skipped: the invocation had no time left; the batch is retried',
};

/** Returns why a connection lacks a message, by the log line of a broadcast. */
export const reasonOf = (outcome: string): string => REASONS[outcome] ?? outcome;
