import { BadRecordError } from '../../shared/errors.ts';
import { counterName, isCounterTopic } from '../../shared/protocol/topic.ts';
import { changesOf, type Head, type MessageHead } from '../../shared/store/head.ts';
import { findArchived, hasOlderArchived } from '../../shared/store/operator-messages.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { fieldText, findLines, numberOf, textOf } from '../logs/find-lines.ts';
import type { Role } from '../logs/log-source.ts';
import { readImages } from '../stream/topic-record.ts';
import { tableOf } from '../table-of.ts';

/** The clocks of the functions may differ a little. */
export const CLOCK_SKEW_MS = 1_000;

/** The change that is traced: a seq of a topic. */
export interface Traced {
  readonly topic: string;
  readonly seq: number;
}

/** What is known of the write of a change. */
export interface Written extends Traced {
  /** Of the life of the topic that has (or had) this seq; undefined: there is no such change. */
  readonly epoch: string | undefined;
  readonly kind: Head['kind'] | undefined;
  readonly head: { readonly epoch: string; readonly seq: number } | undefined;
  /** The topic's item claims to be a head, and is not whole. */
  readonly isBroken: boolean;
  readonly archive: ArchiveState;
  readonly publishedAtMs: number | undefined;
  /** The request that wrote it, as its log line tells. */
  readonly by: { readonly connectionId: string; readonly requestId: string; readonly service: string } | undefined;
  /** Who asked not to get it back. */
  readonly excluded: string | undefined;
}

/**
 * `archived`: it is there. `earlier-life`: this seq's place has a message of an earlier life of the topic. `hole`: it is not there,
 * though older ones are. `beyond`: nothing that old is there, so it has expired or was never archived. `none`: changes of
 * counters are not archived. `unwritten`: there is no such change.
 */
export type ArchiveState = 'archived' | 'earlier-life' | 'hole' | 'beyond' | 'none' | 'unwritten';

/** Finds out when and by whom a change was written, and whether the archive has it. */
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

/** The topic's head; `broken` for an item that is no whole one. */
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
  if (archived?.epoch === epoch) return 'archived';
  if (head?.kind === 'counter') return 'none';
  if (archived !== undefined) return 'earlier-life';
  return (await hasOlderArchived(tableOf(backend, 'messagesTable'), traced)) ? 'hole' : 'beyond';
}

/** `default` takes what names its action by `type`; counters are not among that. */
const writersOf = (topic: string): readonly Role[] =>
  isCounterTopic(topic) ? ['plus', 'minus'] : ['publish', 'on-message', 'default'];

/** As the routes log it: plus and minus name their counter, the others their topic. */
const nameText = (topic: string): string =>
  isCounterTopic(topic) ? fieldText('counter', counterName(topic)) : fieldText('topic', topic);

async function findWriter(backend: Backend, written: Traced & { readonly epoch: string }, own: Head | undefined) {
  const { topic, seq, epoch } = written;
  const window =
    own === undefined
      ? {}
      : { sinceMs: own.publishedAt - CLOCK_SKEW_MS, untilMs: own.publishedAt + CLI_BOUNDS.LOG_WRITER_MS };
  const find = async (text: string, isIts: (writtenSeq: number) => boolean) => {
    const contains = [fieldText('message', 'frame'), nameText(topic), text];
    const lines = await findLines(backend, { contains, roles: writersOf(topic), ...window });
    return lines.find(({ fields }) => textOf(fields, 'epoch') === epoch && isIts(numberOf(fields, 'seq') ?? 0));
  };
  // A text that begins with the seq is found too.
  const line =
    (await find(fieldText('seq', seq), (writtenSeq) => writtenSeq === seq)) ??
    // Of messages that were published at once the line names the last; they share a trace.
    (own?.traceId === undefined
      ? undefined
      : await find(fieldText('xray_trace_id', own.traceId), (writtenSeq) => writtenSeq >= seq));
  if (line === undefined) return undefined;
  const { atMs, requestId, service, fields } = line;
  return { atMs, requestId, service, connectionId: textOf(fields, 'connectionId') };
}
