import type { Action } from '../../shared/protocol/client-frames.ts';
import { BadRecordError } from '../../shared/errors.ts';
import { counterName, isCounterTopic } from '../../shared/protocol/topic.ts';
import { changesOf, type Head, type MessageHead } from '../../shared/store/head.ts';
import { findArchived, hasOlderArchived } from '../../shared/store/operator-messages.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { serializedField, findLines, numberField, textField } from '../logs/find-lines.ts';
import type { LogQuery, Role } from '../logs/log-source.ts';
import { readImages } from '../stream/topic-record.ts';
import { tableOf } from '../table-of.ts';
import { topicSettingsOf } from '../topic-settings-of.ts';

/** The difference in ms that is allowed between the clocks of the functions. */
export const WRITER_SKEW_MS = 1_000;

/** The change to trace: a seq of a topic. */
export interface Traced {
  readonly topic: string;
  readonly seq: number;
}

/** The facts about the write of a change. */
export interface Written extends Traced {
  /** The epoch of the topic that has (or had) this seq; undefined: there is no such change. */
  readonly epoch: string | undefined;
  readonly kind: Head['kind'] | undefined;
  readonly head: { readonly epoch: string; readonly seq: number } | undefined;
  /** Whether the topic's item is a malformed head. */
  readonly isBroken: boolean;
  readonly archive: ArchiveState;
  readonly publishedAtMs: number | undefined;
  readonly by: Writer | undefined;
  /** The connection that asked not to get it back. */
  readonly excluded: string | undefined;
}

/** The request that wrote a change, by its log line: for a connection, or for a record of a table. */
export interface Writer {
  readonly atMs: number;
  readonly requestId: string;
  readonly service: string;
  readonly connectionId?: string;
  /** The id of the table's stream record, and the function that published it. */
  readonly record?: { readonly eventId: string; readonly source: string };
}

/**
 * The state of a change in the archive. `archived`: it is there. `earlier-epoch`: this seq has a message of an earlier
 * epoch of the topic. `hole`: it is missing, though older ones are there. `beyond`: nothing that old is there, so it
 * has expired or was never archived. `out-of-reach`: it is there, and before the newest messages that clients can read.
 * `none`: changes of counters are not archived. `last-value-only`: nor are messages of this topic. `unwritten`: there
 * is no such change.
 */
export type ArchiveState =
  | 'archived'
  | 'earlier-epoch'
  | 'hole'
  | 'beyond'
  | 'out-of-reach'
  | 'none'
  | 'last-value-only'
  | 'unwritten';

/** Finds when and by which request a change was written, and whether the archive has it. */
export async function findWritten(backend: Backend, traced: Traced): Promise<Written> {
  const read = await readHead(backend, traced.topic);
  const head = read === 'broken' ? undefined : read;
  const archived = await readArchived(backend, traced);
  const isPresent = head !== undefined && traced.seq <= head.seq;
  const epoch = isPresent ? head.epoch : archived?.epoch;
  const held = isPresent ? changesOf(head).find(({ seq }) => seq === traced.seq) : undefined;
  const own = [archived, held].find((one) => one?.epoch === epoch);
  const by = epoch === undefined ? undefined : await findWriter(backend, { ...traced, epoch }, own);
  return {
    ...traced,
    epoch,
    kind: epoch === undefined ? undefined : isPresent ? head.kind : 'message',
    head: head === undefined ? undefined : { epoch: head.epoch, seq: head.seq },
    isBroken: read === 'broken',
    archive: epoch === undefined ? 'unwritten' : await archiveState(backend, traced, { head, archived, epoch }),
    publishedAtMs: own?.publishedAt ?? by?.atMs,
    by,
    excluded: own?.kind === 'message' ? own.exclude : undefined,
  };
}

/** Reads the topic's head; `broken` for a malformed item. */
async function readHead({ dynamodb, stack }: Backend, topic: string): Promise<Head | 'broken' | undefined> {
  try {
    return await findHead(dynamodb, stack.resources.topicsTable, topic);
  } catch (error) {
    if (error instanceof BadRecordError) return 'broken';
    throw error;
  }
}

async function readArchived(backend: Backend, traced: Traced): Promise<MessageHead | undefined> {
  const [image] = readImages(await findArchived(tableOf(backend, 'messagesTable'), traced));
  return image?.kind === 'change' && image.head.kind === 'message' ? image.head : undefined;
}

interface Found {
  readonly head: Head | undefined;
  readonly archived: MessageHead | undefined;
  readonly epoch: string;
}

async function archiveState(backend: Backend, traced: Traced, { head, archived, epoch }: Found): Promise<ArchiveState> {
  const { history = Infinity, lastValueOnly } = topicSettingsOf(backend.stack)(traced.topic);
  if (head?.kind === 'counter') return 'none';
  if (lastValueOnly === true) return 'last-value-only';
  if (archived?.epoch === epoch) return (head?.seq ?? 0) - traced.seq < history ? 'archived' : 'out-of-reach';
  if (archived !== undefined) return 'earlier-epoch';
  return (await hasOlderArchived(tableOf(backend, 'messagesTable'), traced)) ? 'hole' : 'beyond';
}

/** The function of each action that writes to a topic or a counter. A new action has to say what it writes. */
const WRITERS: Readonly<Record<Action, readonly [role: Role, to: 'topic' | 'counter'] | undefined>> = {
  publish: ['publish', 'topic'],
  onMessage: ['on-message', 'topic'],
  plus: ['plus', 'counter'],
  minus: ['minus', 'counter'],
  subscribe: undefined,
  unsubscribe: undefined,
  ping: undefined,
  setPresence: undefined,
};

/** Returns the functions that write to a topic. `default` handles frames with a `type`, which no counter has. */
function writersOf(topic: string): readonly Role[] {
  const wanted = isCounterTopic(topic) ? 'counter' : 'topic';
  const roles = Object.values(WRITERS).flatMap((writer) => (writer?.[1] === wanted ? [writer[0]] : []));
  return wanted === 'topic' ? [...roles, 'default'] : roles;
}

/** Returns the field by which a route's line names the topic: `counter` for plus and minus, `topic` for the others. */
const nameText = (topic: string): string =>
  isCounterTopic(topic) ? serializedField('counter', counterName(topic)) : serializedField('topic', topic);

async function findWriter(
  backend: Backend,
  written: Traced & { readonly epoch: string },
  own: Head | undefined,
): Promise<Writer | undefined> {
  const { topic, seq, epoch } = written;
  const window =
    own === undefined
      ? {}
      : { sinceMs: own.publishedAt - WRITER_SKEW_MS, untilMs: own.publishedAt + CLI_BOUNDS.LOG_WRITER_MS };
  const find = async (text: string, isIts: (writtenSeq: number) => boolean) => {
    const contains = [serializedField('message', 'frame'), nameText(topic), text];
    const lines = await findLines(backend, { contains, roles: writersOf(topic), ...window });
    return lines.find(({ fields }) => textField(fields, 'epoch') === epoch && isIts(numberField(fields, 'seq') ?? 0));
  };
  // The text also finds longer seqs that begin with this one.
  const line =
    (await find(serializedField('seq', seq), (writtenSeq) => writtenSeq === seq)) ??
    // The line of a publish of several messages names only the last seq; they share a trace.
    (own?.traceId === undefined
      ? undefined
      : await find(serializedField('xray_trace_id', own.traceId), (writtenSeq) => writtenSeq >= seq));
  if (line === undefined) return isCounterTopic(topic) ? undefined : findSource(backend, written, window);
  const { atMs, requestId, service, fields } = line;
  return { atMs, requestId, service, connectionId: textField(fields, 'connectionId') };
}

/** Finds the record of a table that a message was made of. */
async function findSource(
  backend: Backend,
  { topic, seq, epoch }: Traced & { readonly epoch: string },
  window: Pick<LogQuery, 'sinceMs' | 'untilMs'>,
): Promise<Writer | undefined> {
  const contains = [
    serializedField('message', 'published'),
    serializedField('topic', topic),
    serializedField('seq', seq),
  ];
  const lines = await findLines(backend, { contains, roles: ['from-table'], ...window });
  const line = lines.find(({ fields }) => textField(fields, 'epoch') === epoch && numberField(fields, 'seq') === seq);
  if (line === undefined) return undefined;
  const { atMs, requestId, service, fields } = line;
  const record = { eventId: textField(fields, 'eventId'), source: textField(fields, 'source') };
  return { atMs, requestId, service, record };
}
