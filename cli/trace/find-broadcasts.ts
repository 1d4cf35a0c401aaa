import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { fieldText, findLines, type LogLine, numberOf, objectsOf, textOf } from '../logs/find-lines.ts';
import type { Traced } from './find-written.ts';

/** One invocation that posted the change, as its log line tells. */
export interface Broadcast {
  readonly atMs: number;
  readonly requestId: string;
  /** Records of its batch. */
  readonly records: number;
  /** Of the topic, in this batch. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly subscribers: number;
  /** Who asked not to get this very change. */
  readonly excluded: readonly string[];
  /** By outcome, who was not delivered to. */
  readonly undelivered: ReadonlyMap<string, readonly string[]>;
  /** How many more there are. */
  readonly unnamed: number;
  /** Connections that took the first few of their frames. */
  readonly partly: ReadonlyMap<string, string>;
  /** Requests of the workers that posted for it, a topic's shards each. */
  readonly workers: readonly string[];
  /** It was not done, whoever may have got it: the batch is tried again. */
  readonly isUndone: boolean;
}

/** The invocations that posted this change, the first first. */
export async function findBroadcasts(
  backend: Backend,
  traced: Traced & { readonly epoch: string },
  sinceMs: number | undefined,
): Promise<Broadcast[]> {
  const contains = [fieldText('message', 'broadcast'), fieldText('topic', traced.topic)];
  const untilMs = sinceMs === undefined ? undefined : sinceMs + CLI_BOUNDS.LOG_BROADCAST_MS;
  const lines = await findLines(backend, { contains, roles: ['broadcast'], sinceMs, untilMs });
  const found = lines.flatMap((line) => decodeBroadcast(line, traced));
  if (found.length === 0) return [];
  const workers = await findLines(backend, {
    contains: [fieldText('message', 'shard-worker'), fieldText('topic', traced.topic)],
    roles: ['shard-worker'],
    sinceMs,
    untilMs,
  });
  const own = workers.filter(({ fields }) => textOf(fields, 'epoch') === traced.epoch);
  return found.map((broadcast, place) => withWorkers(broadcast, own, found[place - 1]?.atMs ?? 0));
}

/** A topic of many shards is posted by workers, each with a log line of its own, before the broadcast that asked them ends. */
function withWorkers(broadcast: Broadcast, workers: readonly LogLine[], afterMs: number): Broadcast {
  const own = workers.filter(({ atMs, fields }) => {
    const lastSeq = numberOf(fields, 'lastSeq') ?? 0;
    return atMs > afterMs && atMs <= broadcast.atMs && lastSeq >= broadcast.firstSeq && lastSeq <= broadcast.lastSeq;
  });
  const named = [broadcast.undelivered, ...own.map(({ fields }) => undeliveredOf(fields['undelivered']))];
  const outcomes = new Set(named.flatMap((each) => [...each.keys()]));
  return {
    ...broadcast,
    undelivered: new Map(
      Array.from(outcomes, (outcome) => [outcome, named.flatMap((each) => each.get(outcome) ?? [])] as const),
    ),
    unnamed: own.reduce((sum, { fields }) => sum + (numberOf(fields, 'unnamed') ?? 0), broadcast.unnamed),
    workers: own.map(({ requestId }) => requestId),
  };
}

function decodeBroadcast(
  { atMs, requestId, fields }: LogLine,
  { topic, seq, epoch }: Traced & { readonly epoch: string },
): Broadcast[] {
  const own = objectsOf(fields, 'topics').find(
    (each) =>
      textOf(each, 'topic') === topic &&
      textOf(each, 'epoch') === epoch &&
      (numberOf(each, 'firstSeq') ?? Infinity) <= seq &&
      (numberOf(each, 'lastSeq') ?? 0) >= seq,
  );
  if (own === undefined) return [];
  const excluded = objectsOf(own, 'excluded').filter((each) => numberOf(each, 'seq') === seq);
  return [
    {
      atMs,
      requestId,
      records: numberOf(fields, 'records') ?? 0,
      firstSeq: numberOf(own, 'firstSeq') ?? seq,
      lastSeq: numberOf(own, 'lastSeq') ?? seq,
      subscribers: numberOf(own, 'subscribers') ?? 0,
      excluded: excluded.map((each) => textOf(each, 'connectionId')),
      undelivered: undeliveredOf(own['undelivered']),
      unnamed: numberOf(own, 'unnamed') ?? 0,
      partly: partlyOf(fields),
      workers: [],
      isUndone: own['undone'] === true,
    },
  ];
}

const undeliveredOf = (value: unknown): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).map(
      ([outcome, ids]: [string, unknown]) => [outcome, Array.isArray(ids) ? ids.map(String) : []],
    ),
  );

const partlyOf = (fields: LogLine['fields']): ReadonlyMap<string, string> =>
  new Map(
    objectsOf(fields, 'partly').map((each) => [
      textOf(each, 'connectionId'),
      `the first ${numberOf(each, 'taken') ?? 0} of its ${numberOf(each, 'of') ?? 0} frames of this batch`,
    ]),
  );

/** What the outcomes of posts mean. */
const REASONS: Readonly<Record<string, string>> = {
  gone: 'gone (410): the connection had ended',
  throttled: 'throttled (429, or slow before): it does not read what it is sent, or the account’s quota is used up',
  unanswered: 'unanswered: nothing came back in time',
  refused: 'refused (400 or 413): this frame will never be taken',
  failed: 'failed: the callback endpoint answered with an error, or not at all',
  skipped: 'skipped: the invocation had no time left; the batch is tried again',
};

export const reasonOf = (outcome: string): string => REASONS[outcome] ?? outcome;
