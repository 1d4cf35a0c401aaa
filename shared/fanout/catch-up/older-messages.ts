import type { Position } from '../../protocol/position.ts';
import type { Head, MessageHead } from '../../store/head.ts';
import type { HistoryRange } from '../../store/history-request.ts';
import type { ArchivedMessage, MessageRange } from '../../store/messages.ts';
import {
  ARCHIVE_PAUSE_MS,
  heldBy,
  HISTORY_ATTEMPTS,
  isHole,
  isOnItsWay,
  lastRun,
  type RecoverDeps,
  RECOVERED_BYTES,
} from './recover.ts';

/** The messages before a position. */
export interface OlderMessages {
  /** The messages in order, without a hole, which end right before the position. */
  readonly messages: readonly ArchivedMessage[];
  /** The position before which older ones can be asked for; undefined when there are none. */
  readonly before: Position | undefined;
  /** Whether older messages existed and cannot be had any more. */
  readonly isLost: boolean;
}

/**
 * Reads the last messages before a position, in the epoch of the position: an earlier epoch is read as far as the
 * archive still has it. The head must have been read strongly consistent. Resolves to undefined when messages seem to
 * be on their way to the archive: the same request can be answered in a moment.
 */
export async function readOlder(
  deps: RecoverDeps,
  head: Head | undefined,
  { topic, before: { epoch, seq }, count }: HistoryRange,
): Promise<OlderMessages | undefined> {
  const current = head?.kind === 'message' && head.epoch === epoch ? head : undefined;
  const toSeq = Math.min(seq - 1, current?.seq ?? Infinity);
  // Counters have no messages.
  if (epoch === null || toSeq < 1 || head?.kind === 'counter') return NOTHING_OLDER;
  const firstSeq = firstReadable(deps, topic, current);
  if (toSeq < firstSeq) return { ...NOTHING_OLDER, isLost: true };
  const fromSeq = Math.max(firstSeq, toSeq - count);
  // `HISTORY` messages of `DATA_BYTES` each are fewer bytes than a recovery may have.
  const range = { topic, epoch, fromSeq, toSeq: toSeq + 1, bytes: RECOVERED_BYTES };
  for (let attempt = 1; ; attempt++) {
    const known = withHeld(await deps.listMessages(range), current, range);
    const older = known.filter((message) => message.seq <= toSeq);
    const run = older.at(-1)?.seq === toSeq ? lastRun(older) : [];
    const isWhole = run.length > toSeq - fromSeq;
    const hole = {
      head: current,
      above: run[0] ?? known.find((message) => message.seq === seq),
      hasBelow: older.length > run.length,
    };
    if (isWhole || isFinal(deps, hole)) return olderOf(run, toSeq, count);
    if (attempt >= HISTORY_ATTEMPTS) return hole.hasBelow ? undefined : olderOf(run, toSeq, count);
    await deps.waiting.sleep(ARCHIVE_PAUSE_MS);
  }
}

const NOTHING_OLDER: OlderMessages = { messages: [], before: undefined, isLost: false };

/** Returns the seq of the first message that a client can read. Of an earlier epoch a bounded topic shows none. */
function firstReadable({ settingsOf }: RecoverDeps, topic: string, head: MessageHead | undefined): number {
  const { lastValueOnly, history = lastValueOnly === true ? 1 : undefined } = settingsOf?.(topic) ?? {};
  if (history === undefined) return 1;
  return head === undefined ? Infinity : Math.max(1, head.seq - history + 1);
}

/** A hole in the archive. */
interface Hole {
  /** The head of the epoch; undefined for an earlier epoch. */
  readonly head: MessageHead | undefined;
  /** The first known message after the hole; undefined when none is known. */
  readonly above: ArchivedMessage | undefined;
  /** Whether older messages are in the archive. Expired ones leave a hole with nothing below it. */
  readonly hasBelow: boolean;
}

/** Whether a hole stays: its messages have expired, or are lost. */
const isFinal = (deps: RecoverDeps, { head, above }: Hole): boolean =>
  head === undefined || above === undefined || !isOnItsWay(deps, head) || isHole(deps, [above]);

/** Adds the messages that the head holds, whether they are archived yet or not. */
function withHeld(
  archived: readonly ArchivedMessage[],
  head: MessageHead | undefined,
  { fromSeq, toSeq }: Pick<MessageRange, 'fromSeq' | 'toSeq'>,
): readonly ArchivedMessage[] {
  const held = head === undefined ? [] : heldBy(head).filter(({ seq }) => seq >= fromSeq && seq <= toSeq);
  const heldFrom = held[0]?.seq ?? Infinity;
  return [...archived.filter(({ seq }) => seq < heldFrom), ...held];
}

/** Returns the last `count` messages of a run up to `toSeq`. One message more shows that there are older ones. */
function olderOf(run: readonly ArchivedMessage[], toSeq: number, count: number): OlderMessages {
  const messages = run.slice(-count);
  const [first] = messages;
  if (first !== undefined && run.length > count) {
    return { messages, before: { epoch: first.epoch, seq: first.seq }, isLost: false };
  }
  return { messages, before: undefined, isLost: toSeq - messages.length > 0 };
}
