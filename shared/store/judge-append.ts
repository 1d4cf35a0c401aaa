import { STORE_BOUNDS } from './bounds.ts';
import { isOver, type ProducerMark, type ProducerRequest, type StreamState } from './stream-state.ts';

/** An append to a stream. */
export interface StreamAppend {
  readonly topic: string;
  /** The data of each message as JSON text. Empty: the request only closes the stream. */
  readonly messages: readonly string[];
  /** The media type of the messages. Undefined for a request that only closes. */
  readonly mediaType?: string | undefined;
  readonly closes: boolean;
  readonly streamSeq?: string | undefined;
  readonly producer?: ProducerRequest | undefined;
  /** The authenticated writer's subject. */
  readonly from?: string | undefined;
}

/** The refusal of an append, or its acceptance as a repeat. */
export type AppendRefusal =
  | { readonly refused: 'missing' | 'gone' | 'closed' | 'content-type' | 'stream-seq' | 'late-epoch' | 'too-many' }
  | { readonly refused: 'stale-epoch'; readonly epoch: number }
  | { readonly refused: 'gap'; readonly expected: number }
  | { readonly refused: 'repeated'; readonly highest?: number | undefined };

/**
 * Judges an append by the state of its stream, in the order of the protocol: the stream, its end, the content type, the
 * producer, the writer's sequence. Returns undefined for an append that may be made.
 */
export function judgeAppend(
  state: StreamState | undefined,
  append: StreamAppend,
  nowMs: number,
): AppendRefusal | undefined {
  if (state === undefined || isOver(state, nowMs)) return { refused: state?.isGone === true ? 'gone' : 'missing' };
  if (state.isGone) return { refused: 'gone' };
  if (state.isClosed) return judgeClosed(state, append);
  const { messages, mediaType, streamSeq } = append;
  if (messages.length > 0 && mediaType !== mediaTypeOf(state.settings.contentType)) return { refused: 'content-type' };
  const judged = judgeProducer(state, append, nowMs);
  if (judged !== undefined) return judged;
  const isBehind = streamSeq !== undefined && state.streamSeq !== undefined && streamSeq <= state.streamSeq;
  return isBehind ? { refused: 'stream-seq' } : undefined;
}

/** Returns the media type of a content type: lower case, without parameters. */
export const mediaTypeOf = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase();

/** Returns the producer that makes room for another one; undefined where there is room, or nobody may go. */
export function producerToForget(state: StreamState, { producer }: StreamAppend, nowMs: number): string | undefined {
  const { producers } = state;
  if (producers === undefined || producer === undefined) return undefined;
  if (producers.size < STORE_BOUNDS.PRODUCERS || producers.has(producer.id)) return undefined;
  const [oldest] = [...producers].sort(([, one], [, other]) => one.at - other.at);
  if (oldest === undefined || nowMs - oldest[1].at < STORE_BOUNDS.PRODUCER_MS) return undefined;
  return oldest[0];
}

function judgeClosed(state: StreamState, { producer, closes, messages }: StreamAppend): AppendRefusal {
  if (producer === undefined) return { refused: closes && messages.length === 0 ? 'repeated' : 'closed' };
  const known = state.producers?.get(producer.id);
  if (known !== undefined && producer.epoch < known.epoch) return { refused: 'stale-epoch', epoch: known.epoch };
  const { closedBy } = state;
  const isSame = closedBy?.id === producer.id && closedBy.epoch === producer.epoch && closedBy.seq === producer.seq;
  return isSame ? { refused: 'repeated', highest: producer.seq } : { refused: 'closed' };
}

function judgeProducer(state: StreamState, append: StreamAppend, nowMs: number): AppendRefusal | undefined {
  const { producer } = append;
  if (producer === undefined) return undefined;
  const known = state.producers?.get(producer.id);
  if (known === undefined) return judgeNewProducer(state, append, nowMs);
  return judgeKnown(known, producer);
}

function judgeNewProducer(state: StreamState, append: StreamAppend, nowMs: number): AppendRefusal | undefined {
  if (append.producer?.seq !== 0) return { refused: 'gap', expected: 0 };
  const isFull = (state.producers?.size ?? 0) >= STORE_BOUNDS.PRODUCERS;
  return isFull && producerToForget(state, append, nowMs) === undefined ? { refused: 'too-many' } : undefined;
}

function judgeKnown(known: ProducerMark, { epoch, seq }: ProducerRequest): AppendRefusal | undefined {
  if (epoch < known.epoch) return { refused: 'stale-epoch', epoch: known.epoch };
  if (epoch > known.epoch) return seq === 0 ? undefined : { refused: 'late-epoch' };
  if (seq <= known.seq) return { refused: 'repeated', highest: known.seq };
  return seq === known.seq + 1 ? undefined : { refused: 'gap', expected: known.seq + 1 };
}
