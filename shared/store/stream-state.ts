import { decodeItem, type Item } from './attributes.ts';
import { decodeHeads, type MessageHead } from './head.ts';
import { flag, lenient, listOf, mapOf, mapWith, optional, text, wholeNumber } from './item-schema.ts';
import { STREAM } from './schema.ts';

/** The content type of a stream whose messages are JSON values, as those of every topic. */
export const JSON_TYPE = 'application/json';

/** The number of an idempotent producer's newest request. */
export interface ProducerMark {
  readonly epoch: number;
  readonly seq: number;
  /** Time of that request in epoch milliseconds. */
  readonly at: number;
}

/** A producer and one of its requests. */
export interface ProducerRequest {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
}

/** The messages of a fork that another topic holds: those from `from` to `to`, both included. */
export interface Segment {
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/** The place at which a fork leaves its source. */
interface ForkPoint {
  readonly topic: string;
  /** The offset as the request named it; empty for the tail of that moment. */
  readonly offset: string;
  readonly subOffset: number;
}

/** The settings of a stream, which never change. */
export interface StreamSettings {
  /** The content type as its creator wrote it. */
  readonly contentType: string;
  /** The time in seconds without a read or a write after which the stream ends. Absent: none. */
  readonly ttlSeconds?: number | undefined;
  /** The time at which the stream ends, as its creator wrote it. Absent: none. */
  readonly deadline?: string | undefined;
  readonly source?: ForkPoint | undefined;
}

/** A topic as a stream: its settings, its end and its writers. */
export interface StreamState {
  readonly topic: string;
  /** Distinguishes a stream from an earlier one of the same topic. Absent for a topic that no PUT created. */
  readonly life?: string | undefined;
  readonly settings: StreamSettings;
  /** Absent before the first message. */
  readonly epoch?: string | undefined;
  /** The seq of the newest message; 0 before the first. */
  readonly seq: number;
  /** The messages of the newest publish, which the head holds. */
  readonly newest: readonly MessageHead[];
  /** The messages that other topics hold, of a fork. */
  readonly segments: readonly Segment[];
  /** The time in epoch milliseconds at which the stream ends, unless it is used before. Absent: never. */
  readonly endsAt?: number | undefined;
  readonly isClosed: boolean;
  /** The request that closed the stream, if a producer did. */
  readonly closedBy?: ProducerRequest | undefined;
  readonly streamSeq?: string | undefined;
  /** Undefined where the head has no map of producers yet. */
  readonly producers?: ReadonlyMap<string, ProducerMark> | undefined;
  /** The number of forks that read messages of this topic. */
  readonly forks: number;
  /** Whether the stream was deleted while it had forks. */
  readonly isGone: boolean;
  /** Time of the newest write of a message, or of the creation, in epoch milliseconds. */
  readonly publishedAt: number;
}

const segment = mapWith({ topic: text, from: wholeNumber, to: wholeNumber });

const settings = mapWith({
  life: text,
  contentType: text,
  ttlSeconds: optional(wholeNumber),
  deadline: optional(text),
  source: optional(mapWith({ topic: text, offset: text, subOffset: wholeNumber })),
  segments: optional(listOf(segment)),
});

const mark = mapWith({ epoch: wholeNumber, seq: wholeNumber, at: wholeNumber });

const STATE = {
  topic: text,
  epoch: optional(text),
  seq: optional(wholeNumber),
  publishedAt: optional(wholeNumber),
  [STREAM.settings]: optional(settings),
  [STREAM.endsAt]: optional(wholeNumber),
  [STREAM.closed]: optional(mapWith({ by: lenient(mapWith({ id: text, epoch: wholeNumber, seq: wholeNumber })) })),
  [STREAM.streamSeq]: optional(text),
  [STREAM.producers]: optional(mapOf(mark)),
  [STREAM.forks]: optional(wholeNumber),
  [STREAM.gone]: flag,
} as const;

/**
 * Decodes an item of the Topics table as a stream; undefined for a counter, and for a topic that was neither created
 * nor published to. Throws BadRecordError.
 */
export function decodeStream(item: Item | undefined): StreamState | undefined {
  if (item === undefined || item['value'] !== undefined) return undefined;
  if (item['seq'] === undefined && item[STREAM.settings] === undefined) return undefined;
  const state = decodeItem(STATE, item);
  const { life, segments = [], contentType = JSON_TYPE, ...others } = state[STREAM.settings] ?? {};
  return {
    topic: state.topic,
    life,
    settings: { contentType, ...others },
    epoch: state.epoch,
    seq: state.seq ?? 0,
    newest: messagesIn(item),
    segments,
    endsAt: state[STREAM.endsAt],
    isClosed: state[STREAM.closed] !== undefined,
    closedBy: state[STREAM.closed]?.by,
    streamSeq: state[STREAM.streamSeq],
    producers: state[STREAM.producers],
    forks: state[STREAM.forks] ?? 0,
    isGone: state[STREAM.gone],
    publishedAt: state.publishedAt ?? 0,
  };
}

/** Whether the stream's time is over: nobody used it for its TTL, or its deadline has passed. */
export const isOver = ({ endsAt }: Pick<StreamState, 'endsAt'>, nowMs: number): boolean =>
  endsAt !== undefined && endsAt <= nowMs;

/** Returns the messages of a head. A fork that nobody has written to has a seq and no message. */
function messagesIn(item: Item): readonly MessageHead[] {
  if (item['message'] === undefined && item['messages'] === undefined) return [];
  return decodeHeads(item).filter((head) => head.kind === 'message');
}
