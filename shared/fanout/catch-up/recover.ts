import type { Waiting } from '../../backoff.ts';
import type { Position } from '../../protocol/position.ts';
import type { Head, MessageHead } from '../../store/head.ts';
import type { ArchivedMessage, MessageRange } from '../../store/messages.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';

export interface RecoverDeps {
  readonly listMessages: (range: MessageRange) => Promise<ArchivedMessage[]>;
  readonly waiting: Waiting;
  readonly now: () => number;
}

/** What a subscriber asked for. A position wins over a history. */
export interface Wanted {
  readonly position?: Position | undefined;
  readonly history?: number | undefined;
}

/** What it gets: where it stands then, and what it missed; never half of that. */
export interface Recovery extends Position {
  readonly recovered: boolean;
  readonly messages: readonly ArchivedMessage[];
  /** A counter's. */
  readonly value?: number;
}

/** Works out what a subscriber of a topic with this head gets. `head` must have been read strongly consistent. */
export async function recover(deps: RecoverDeps, head: Head | undefined, wanted: Wanted): Promise<Recovery> {
  if (head === undefined) return { epoch: null, seq: 0, recovered: isOf(wanted.position, null), messages: [] };
  const here = { epoch: head.epoch, seq: head.seq };
  const continues = isOf(wanted.position, head.epoch);
  if (head.kind === 'counter') return { ...here, recovered: continues, messages: [], value: head.value };
  const lost = { ...here, recovered: false, messages: [] };
  if (!continues) return lost;
  if (wanted.position !== undefined) return (await messagesAfter(deps, head, wanted.position.seq)) ?? lost;
  return wanted.history === undefined
    ? { ...here, recovered: true, messages: [] }
    : lastMessages(deps, head, wanted.history);
}

/** Whether the position is one of this epoch. Before the first publish there was none, so every epoch continues that. */
const isOf = (position: Position | undefined, epoch: string | null): boolean =>
  position === undefined || position.epoch === epoch || (position.epoch === null && position.seq === 0);

/** All messages after `seq`, or undefined when one of them is lost, or they are more than one catch-up sends. */
async function messagesAfter(deps: RecoverDeps, head: MessageHead, seq: number): Promise<Recovery | undefined> {
  if (seq > head.seq || head.seq - seq > FANOUT_BOUNDS.RECOVERED_MESSAGES) return undefined;
  if (seq === head.seq) return { epoch: head.epoch, seq, recovered: true, messages: [] };
  const { unbroken, beyond } = await readArchive(deps, head, seq);
  if (isHole(deps, beyond) || bytesOf(unbroken) > FANOUT_BOUNDS.RECOVERED_BYTES) return undefined;
  const end = seq + unbroken.length;
  if (reachesHead(head, end)) return recoveryUpTo(head, end, unbroken);
  return isOnItsWay(deps, head) ? { epoch: head.epoch, seq: end, recovered: true, messages: unbroken } : undefined;
}

/** The last `count` messages, as far back as they follow on without a hole. */
async function lastMessages(deps: RecoverDeps, head: MessageHead, count: number): Promise<Recovery> {
  const seq = Math.max(0, head.seq - count);
  const { unbroken, beyond } = await readArchive(deps, head, seq);
  const run = lastRun(beyond.length > 0 ? beyond : unbroken);
  const end = run.at(-1)?.seq ?? seq;
  if (reachesHead(head, end)) return recoveryUpTo(head, end, run);
  return isOnItsWay(deps, head)
    ? { epoch: head.epoch, seq: end, recovered: true, messages: run }
    : recoveryUpTo(head, seq, []);
}

/** The head holds the messages of the newest publish itself, archived yet or not. */
const heldBy = (head: MessageHead): readonly ArchivedMessage[] => [...(head.earlier ?? []), head];

/** Whether the head has all that comes after `seq`. */
const reachesHead = (head: MessageHead, seq: number): boolean => seq >= head.seq - heldBy(head).length;

const recoveryUpTo = (head: MessageHead, seq: number, messages: readonly ArchivedMessage[]): Recovery => ({
  epoch: head.epoch,
  seq: head.seq,
  recovered: true,
  messages: [...messages, ...heldBy(head).filter((held) => held.seq > seq)],
});

/** Whether what is missing before the head may still be archived; it is then delivered live, to this subscriber too. */
const isOnItsWay = (deps: RecoverDeps, head: MessageHead): boolean =>
  deps.now() - head.publishedAt < FANOUT_BOUNDS.ARCHIVE_LAG_MS;

/**
 * Whether what the archive lacks before these will never come. A batch is archived in parts, and one that failed halfway is
 * tried again as a whole, or in halves one after the other: for a while later messages may be there before earlier ones.
 */
const isHole = ({ now }: RecoverDeps, [next]: readonly ArchivedMessage[]): boolean =>
  next !== undefined && now() - next.publishedAt >= FANOUT_BOUNDS.ARCHIVE_HOLE_MS;

const bytesOf = (messages: readonly ArchivedMessage[]): number =>
  messages.reduce((bytes, { message }) => bytes + message.length, 0);

/** What follows on without a hole at the end of a list. */
function lastRun(messages: readonly ArchivedMessage[]): readonly ArchivedMessage[] {
  const hole = messages.findLastIndex(
    (message, index) => message.seq + 1 !== messages[index + 1]?.seq && index < messages.length - 1,
  );
  return messages.slice(hole + 1);
}

interface Archived {
  /** What follows on from the wanted position. */
  readonly unbroken: readonly ArchivedMessage[];
  /** What the archive has behind the first hole. */
  readonly beyond: readonly ArchivedMessage[];
}

/** Reads what the archive has after `seq`, waiting a little for what is on its way. */
async function readArchive(deps: RecoverDeps, head: MessageHead, seq: number): Promise<Archived> {
  const unbroken: ArchivedMessage[] = [];
  for (let attempt = 1; ; attempt++) {
    const fromSeq = seq + unbroken.length + 1;
    const bytes = FANOUT_BOUNDS.RECOVERED_BYTES - bytesOf(unbroken);
    const read = await deps.listMessages({ topic: head.topic, epoch: head.epoch, fromSeq, toSeq: head.seq, bytes });
    const hole = read.findIndex((message, index) => message.seq !== fromSeq + index);
    unbroken.push(...(hole === -1 ? read : read.slice(0, hole)));
    const complete = reachesHead(head, seq + unbroken.length);
    const tooMuch = bytesOf(unbroken) > FANOUT_BOUNDS.RECOVERED_BYTES;
    const hopeless = tooMuch || attempt === FANOUT_BOUNDS.ARCHIVE_ATTEMPTS || !isOnItsWay(deps, head);
    if (complete || hopeless) return { unbroken, beyond: hole === -1 || complete ? [] : read.slice(hole) };
    await deps.waiting.sleep(FANOUT_BOUNDS.ARCHIVE_PAUSE_MS);
  }
}
