import type { Waiting } from '../../backoff.ts';
import type { Position } from '../../protocol/position.ts';
import type { Head, MessageHead } from '../../store/head.ts';
import type { ArchivedMessage, MessageRange } from '../../store/messages.ts';
import type { ReadSettings } from '../../store/read-settings.ts';

/** Number of times that a catch-up reads the archive until it reaches the head. */
export const ARCHIVE_ATTEMPTS = 20;
/**
 * Number of times that a catch-up reads the archive for a `history` that has a hole before its newest messages. Expired
 * messages leave such a hole for good, so it is waited for only as long as archiving normally takes.
 */
export const HISTORY_ATTEMPTS = 4;
/** Pause in ms between two reads of the archive. */
export const ARCHIVE_PAUSE_MS = 25;
/**
 * Age in ms of the newest message up to which a missing message may still be on its way to the archive. Past it the
 * message is lost to a catch-up, which answers `recovered: false`.
 * @limit operator
 */
export const ARCHIVE_LAG_MS = 15 * 60_000;
/**
 * Age in ms of a later archived message up to which the missing ones before it are waited for: an earlier part of the
 * batch may be retried.
 */
export const ARCHIVE_HOLE_MS = 60_000;
/**
 * Bytes of missed messages that one catch-up sends. A client that missed more gets `recovered: false`.
 * @limit client
 */
export const RECOVERED_BYTES = 4_194_304;
/**
 * Number of missed messages that one catch-up sends. A client that missed more gets `recovered: false`.
 * @limit client
 */
export const RECOVERED_MESSAGES = 1_000;

/** The dependencies of a recovery. */
export interface RecoverDeps {
  readonly listMessages: (range: MessageRange) => Promise<ArchivedMessage[]>;
  readonly waiting: Waiting;
  readonly now: () => number;
  /** Upper bound of the number of reads of the archive; ARCHIVE_ATTEMPTS by default. */
  readonly archiveAttempts?: number | undefined;
  /** Returns what a client can read of a topic. Default: all that is kept. */
  readonly settingsOf?: ((topic: string) => ReadSettings) | undefined;
}

/** The request of a subscriber. A position wins over a history. */
export interface RecoveryRequest {
  readonly position?: Position | undefined;
  readonly history?: number | undefined;
}

/** The answer to a subscriber: its new position, and all messages that it missed, or none of them. */
export interface Recovery extends Position {
  readonly recovered: boolean;
  readonly messages: readonly ArchivedMessage[];
  /** The value of a counter. */
  readonly value?: number;
  /** Whether the topic is closed. */
  readonly closed?: true | undefined;
  /** Whether the message replaces all before it: the topic keeps no other. */
  readonly lastValueOnly?: true | undefined;
}

/** Computes the answer to a subscriber of a topic with this head, which must have been read strongly consistent. */
export async function recover(deps: RecoverDeps, head: Head | undefined, request: RecoveryRequest): Promise<Recovery> {
  const recovery = await recoverFrom(deps, head, request);
  return head?.kind === 'message' && head.closed === true ? { ...recovery, closed: true } : recovery;
}

async function recoverFrom(deps: RecoverDeps, head: Head | undefined, request: RecoveryRequest): Promise<Recovery> {
  if (head === undefined) return { epoch: null, seq: 0, recovered: isOf(request.position, null), messages: [] };
  const here = { epoch: head.epoch, seq: head.seq };
  const continues = isOf(request.position, head.epoch);
  if (head.kind === 'counter') return { ...here, recovered: continues, messages: [], value: head.value };
  const { history: most = Infinity, lastValueOnly } = deps.settingsOf?.(head.topic) ?? {};
  if (lastValueOnly === true) return lastValue(head, request.position);
  const lost = { ...here, recovered: false, messages: [] };
  if (!continues) return lost;
  if (request.position !== undefined) {
    const isWithin = head.seq - request.position.seq <= most;
    return (isWithin ? await messagesAfter(deps, head, request.position.seq) : undefined) ?? lost;
  }
  return request.history === undefined
    ? { ...here, recovered: true, messages: [] }
    : lastMessages(deps, head, Math.min(request.history, most));
}

/** Returns the newest message of a topic that keeps no other, unless the subscriber has it. */
function lastValue(head: MessageHead, position: Position | undefined): Recovery {
  const { epoch, seq } = head;
  const { earlier: _, ...newest } = head;
  const messages = position?.epoch === epoch && position.seq === seq ? [] : [newest];
  return { epoch, seq, recovered: true, messages, lastValueOnly: true };
}

/** Whether the position belongs to this epoch. A position from before the first publish continues in every epoch. */
const isOf = (position: Position | undefined, epoch: string | null): boolean =>
  position === undefined || position.epoch === epoch || (position.epoch === null && position.seq === 0);

/**
 * Reads all messages after `seq`. Resolves to undefined when one of them is lost, or when they exceed what one catch-up
 * sends.
 */
async function messagesAfter(deps: RecoverDeps, head: MessageHead, seq: number): Promise<Recovery | undefined> {
  if (seq > head.seq || head.seq - seq > RECOVERED_MESSAGES) return undefined;
  if (seq === head.seq) return { epoch: head.epoch, seq, recovered: true, messages: [] };
  const { unbroken, beyond } = await readArchive(deps, head, { seq, holeAttempts: ARCHIVE_ATTEMPTS });
  if (isHole(deps, beyond) || bytesOf(unbroken) > RECOVERED_BYTES) return undefined;
  const end = seq + unbroken.length;
  if (reachesHead(head, end)) return recoveryUpTo(head, end, unbroken);
  return isOnItsWay(deps, head) ? { epoch: head.epoch, seq: end, recovered: true, messages: unbroken } : undefined;
}

/** Reads the last `count` messages, as far back as they are contiguous. */
async function lastMessages(deps: RecoverDeps, head: MessageHead, count: number): Promise<Recovery> {
  const seq = Math.max(0, head.seq - count);
  const { unbroken, beyond } = await readArchive(deps, head, { seq, holeAttempts: HISTORY_ATTEMPTS });
  const run = lastRun(beyond.length > 0 ? beyond : unbroken);
  const end = run.at(-1)?.seq ?? seq;
  if (reachesHead(head, end)) return recoveryUpTo(head, end, run);
  return isOnItsWay(deps, head)
    ? { epoch: head.epoch, seq: end, recovered: true, messages: run }
    : recoveryUpTo(head, seq, []);
}

/** Returns the messages of the newest publish, which the head holds whether they are archived yet or not. */
export const heldBy = (head: MessageHead): readonly ArchivedMessage[] => [...(head.earlier ?? []), head];

/** Whether the head holds all messages after `seq`. */
const reachesHead = (head: MessageHead, seq: number): boolean => seq >= head.seq - heldBy(head).length;

const recoveryUpTo = (head: MessageHead, seq: number, messages: readonly ArchivedMessage[]): Recovery => ({
  epoch: head.epoch,
  seq: head.seq,
  recovered: true,
  messages: [...messages, ...heldBy(head).filter((held) => held.seq > seq)],
});

/**
 * Whether messages that are missing before the head may still be archived; they are then delivered live, to this
 * subscriber too.
 */
export const isOnItsWay = (deps: RecoverDeps, head: MessageHead): boolean =>
  deps.now() - head.publishedAt < ARCHIVE_LAG_MS;

/**
 * Whether the messages that the archive lacks before these are lost. A batch is archived in parts, and a batch that
 * failed halfway is retried whole or in halves: for a while, later messages may be archived before earlier ones.
 */
export const isHole = ({ now }: RecoverDeps, [next]: readonly ArchivedMessage[]): boolean =>
  next !== undefined && now() - next.publishedAt >= ARCHIVE_HOLE_MS;

const bytesOf = (messages: readonly ArchivedMessage[]): number =>
  messages.reduce((bytes, { message }) => bytes + message.length, 0);

/** Returns the contiguous messages at the end of a list. */
export function lastRun(messages: readonly ArchivedMessage[]): readonly ArchivedMessage[] {
  const hole = messages.findLastIndex(
    (message, index) => message.seq + 1 !== messages[index + 1]?.seq && index < messages.length - 1,
  );
  return messages.slice(hole + 1);
}

/** The messages that the archive has after a position. */
interface Archived {
  /** The messages that are contiguous with the position. */
  readonly unbroken: readonly ArchivedMessage[];
  /** The messages after the first hole. */
  readonly beyond: readonly ArchivedMessage[];
}

interface Reading {
  /** The position after which the archive is read. */
  readonly seq: number;
  /** The number of reads to fill a hole behind which all messages up to the head are archived. */
  readonly holeAttempts: number;
}

/** Reads the archive after a position, and waits within a bound for messages that are on their way. */
async function readArchive(deps: RecoverDeps, head: MessageHead, { seq, holeAttempts }: Reading): Promise<Archived> {
  const unbroken: ArchivedMessage[] = [];
  for (let attempt = 1; ; attempt++) {
    const fromSeq = seq + unbroken.length + 1;
    const bytes = RECOVERED_BYTES - bytesOf(unbroken);
    const read = await deps.listMessages({ topic: head.topic, epoch: head.epoch, fromSeq, toSeq: head.seq, bytes });
    const hole = read.findIndex((message, index) => message.seq !== fromSeq + index);
    unbroken.push(...(hole === -1 ? read : read.slice(0, hole)));
    const complete = reachesHead(head, seq + unbroken.length);
    const beyond = hole === -1 || complete ? [] : read.slice(hole);
    const tooMuch = bytesOf(unbroken) > RECOVERED_BYTES;
    const most = deps.archiveAttempts ?? ARCHIVE_ATTEMPTS;
    const attempts = reachesHead(head, beyond.at(-1)?.seq ?? 0) ? Math.min(most, holeAttempts) : most;
    const hopeless = tooMuch || attempt >= attempts || isHole(deps, beyond) || !isOnItsWay(deps, head);
    if (complete || hopeless) return { unbroken, beyond };
    await deps.waiting.sleep(ARCHIVE_PAUSE_MS);
  }
}
