import { realWaiting } from '../backoff.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { listMessages, type MessageStoreDeps } from './messages.ts';
import type { Segment, StreamState } from './stream-state.ts';

/** The dependencies of reading a stream. */
export interface StreamReaderDeps extends MessageStoreDeps {
  readonly now: () => number;
}

/** A part of a stream's messages: those after a seq, in order and without a gap. */
export interface StreamSlice {
  readonly messages: readonly string[];
  /** The seq of the last of them, or that after which they were asked for. */
  readonly seq: number;
  /** The seq of the first message that is missing before them, because it is no longer kept; undefined: none. */
  readonly missing?: number | undefined;
  /** Whether messages are left out that are not archived yet. */
  readonly isLate: boolean;
}

/** The messages to read: those after a seq, up to a number of bytes and the message that exceeds it. */
export interface SliceRange {
  readonly after: number;
  readonly bytes: number;
}

interface Found {
  readonly seq: number;
  readonly message: string;
  /**
   * Whether everything before this message was archived, too: it is in the archive, which is written in order, and so
   * is the first message that was asked for.
   */
  readonly follows: boolean;
}

/**
 * Reads messages of a stream: those of the newest publish from its head, the others from the archive, which a stream
 * Lambda writes. A message that the head no longer holds may not be there yet, although its writer has the answer. The
 * read waits for that one, `ARCHIVE_WAIT_MS` at most, and ends before it.
 */
export async function readSlice(deps: StreamReaderDeps, state: StreamState, range: SliceRange): Promise<StreamSlice> {
  const deadlineMs = deps.now() + STORE_BOUNDS.ARCHIVE_WAIT_MS;
  const isSettled = deps.now() - state.publishedAt > STORE_BOUNDS.ARCHIVE_SETTLED_MS;
  for (;;) {
    const found = await findFrom(deps, state, range);
    const slice = withoutGaps(found, range.after, isSettled);
    const isWhole = slice.seq === state.seq || bytesOf(slice.messages) > range.bytes;
    if (isWhole || isSettled) return { ...slice, isLate: false };
    if (deps.now() >= deadlineMs) return { ...slice, isLate: true };
    await realWaiting.sleep(STORE_BOUNDS.ARCHIVE_LOOK_MS);
  }
}

/**
 * Returns the messages up to the first gap, which is what is not archived yet. What is missing before messages that
 * follow it in the archive is no longer kept.
 */
function withoutGaps(found: readonly Found[], after: number, isSettled: boolean): Omit<StreamSlice, 'isLate'> {
  const [first] = found;
  const isTrimmed = first !== undefined && first.seq > after + 1 && (first.follows || isSettled);
  const missing = isTrimmed ? after + 1 : undefined;
  const start = isTrimmed ? first.seq : after + 1;
  const end = isSettled ? -1 : found.findIndex(({ seq }, index) => seq !== start + index);
  const kept = end === -1 ? found : found.slice(0, end);
  return { messages: kept.map(({ message }) => message), seq: kept.at(-1)?.seq ?? after, missing };
}

async function findFrom(deps: StreamReaderDeps, state: StreamState, { after, bytes }: SliceRange): Promise<Found[]> {
  const found: Found[] = [];
  let left = bytes;
  let isFirst = true;
  for (const segment of segmentsOf(state)) {
    const wanted = { ...segment, from: Math.max(segment.from, after + 1) };
    if (wanted.from > wanted.to || left < 0) continue;
    const part = await readSegment(deps, state, { segment: wanted, bytes: left, isFirst });
    isFirst = false;
    found.push(...part);
    left -= bytesOf(part.map(({ message }) => message));
  }
  return found;
}

/** Returns the topics that hold a stream's messages, in order; the last of them is its own. */
const segmentsOf = ({ topic, seq, segments }: StreamState): readonly Segment[] => [
  ...segments,
  { topic, from: (segments.at(-1)?.to ?? 0) + 1, to: seq },
];

async function readSegment(
  deps: StreamReaderDeps,
  state: StreamState,
  { segment, bytes, isFirst }: { readonly segment: Segment; readonly bytes: number; readonly isFirst: boolean },
): Promise<Found[]> {
  const { topic, from, to } = segment;
  const inHead = topic === state.topic ? state.newest.filter(({ seq }) => seq >= from) : [];
  const listed = await listMessages(deps, {
    topic,
    epoch: state.epoch ?? '',
    fromSeq: from,
    toSeq: (inHead[0]?.seq ?? to + 1) - 1,
    bytes,
  });
  const archived = listed.map(({ seq, message }) => ({ seq, message, follows: isFirst }));
  const isEnough = bytesOf(archived.map(({ message }) => message)) > bytes;
  return isEnough ? archived : [...archived, ...inHead.map(({ seq, message }) => ({ seq, message, follows: false }))];
}

const bytesOf = (messages: readonly string[]): number => messages.reduce((sum, message) => sum + message.length, 0);
