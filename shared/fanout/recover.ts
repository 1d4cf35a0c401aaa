import type { Waiting } from '../backoff.ts';
import type { Position } from '../protocol/position.ts';
import type { Head, MessageHead } from '../store/head.ts';
import type { ArchivedMessage, MessageRange } from '../store/messages.ts';
import { FANOUT_BOUNDS } from './bounds.ts';

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
  const messages = wanted.history === undefined ? [] : await lastMessages(deps, head, wanted.history);
  return { ...here, recovered: true, messages };
}

/** Whether the position is one of this epoch. Before the first publish there was none, so every epoch continues that. */
const isOf = (position: Position | undefined, epoch: string | null): boolean =>
  position === undefined || position.epoch === epoch || (position.epoch === null && position.seq === 0);

/** All messages after `seq`, or undefined when one of them is lost. */
async function messagesAfter(deps: RecoverDeps, head: MessageHead, seq: number): Promise<Recovery | undefined> {
  if (seq > head.seq || head.seq - seq > FANOUT_BOUNDS.RECOVERED_MESSAGES) return undefined;
  const { archived, unbroken } = await readArchive(deps, head, seq);
  // The archive has later ones than the hole: it will not be filled.
  if (archived.length > unbroken.length) return undefined;
  const end = seq + unbroken.length;
  if (end >= head.seq - 1)
    return { epoch: head.epoch, seq: head.seq, recovered: true, messages: upToHead(unbroken, head, end) };
  // What is missing was published just now: broadcast archives it before it delivers, and then finds this subscriber.
  const onItsWay = deps.now() - head.publishedAt < FANOUT_BOUNDS.ARCHIVE_LAG_MS;
  return onItsWay ? { epoch: head.epoch, seq: end, recovered: true, messages: unbroken } : undefined;
}

/** The head holds the newest message itself, archived yet or not. */
const upToHead = (unbroken: readonly ArchivedMessage[], head: MessageHead, end: number): readonly ArchivedMessage[] =>
  end === head.seq ? unbroken : [...unbroken, head];

/** What the archive has after `seq`, and how much of it follows on without a hole; waits a little for what is on its way. */
async function readArchive(deps: RecoverDeps, head: MessageHead, seq: number) {
  const range = { topic: head.topic, epoch: head.epoch, fromSeq: seq + 1, toSeq: head.seq };
  for (let attempt = 1; ; attempt++) {
    const archived = await deps.listMessages(range);
    const hole = archived.findIndex((message, index) => message.seq !== range.fromSeq + index);
    const unbroken = hole === -1 ? archived : archived.slice(0, hole);
    const complete = seq + unbroken.length >= head.seq - 1;
    if (complete || attempt === FANOUT_BOUNDS.ARCHIVE_ATTEMPTS) return { archived, unbroken };
    await deps.waiting.sleep(FANOUT_BOUNDS.ARCHIVE_PAUSE_MS);
  }
}

/** The last `count` messages, as far back as they follow on without a hole. */
async function lastMessages(deps: RecoverDeps, head: MessageHead, count: number): Promise<ArchivedMessage[]> {
  const range = {
    topic: head.topic,
    epoch: head.epoch,
    fromSeq: Math.max(1, head.seq - count + 1),
    toSeq: head.seq - 1,
  };
  const known = [...(await deps.listMessages(range)), head];
  const hole = known.findLastIndex((message, index) => message.seq !== head.seq - (known.length - 1 - index));
  return known.slice(hole + 1);
}
