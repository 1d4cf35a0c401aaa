import { BadRecordError } from '../errors.ts';
import { byteLength } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import { isTopic } from '../protocol/topic.ts';
import { findCount, findText, getCount, getText, type Item, N } from './attributes.ts';
import { findTraceId } from './trace-id.ts';

/** A position that exists: somebody published. */
export interface TopicPosition {
  readonly epoch: string;
  readonly seq: number;
}

interface HeadOf extends TopicPosition {
  readonly topic: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  /** The trace of the request that published, for the log. Never on the wire. */
  readonly traceId?: string;
}

/** A topic whose newest change is a message. */
export interface MessageHead extends HeadOf {
  readonly kind: 'message';
  /** The published data as JSON text. */
  readonly message: string;
  /** Connection that asked not to get its own message back. */
  readonly exclude?: string;
  /** Those that were published together with it, before it; absent when there are none, and of a change of its own. */
  readonly earlier?: readonly MessageHead[];
}

/** A topic whose changes are a counter's. */
export interface CounterHead extends HeadOf {
  readonly kind: 'counter';
  readonly value: number;
}

/** The item of a topic: its position and its newest change. */
export type Head = MessageHead | CounterHead;

export const decodePosition = (item: Item): TopicPosition => ({
  epoch: getText(item, 'epoch'),
  seq: getCount(item, 'seq'),
});

/**
 * Decodes an item of the Topics table: its newest change, and what was published together with it. Throws
 * BadRecordError.
 */
export function decodeHead(item: Item): Head {
  const changes = splitPublish(item).map(decodeChange);
  const newest = changes.pop();
  if (newest === undefined) throw new BadRecordError('attribute messages is empty');
  const earlier = changes.filter((change) => change.kind === 'message');
  return newest.kind === 'counter' || earlier.length === 0 ? newest : { ...newest, earlier };
}

/** All changes that an item of the Topics table tells of, each on its own, in order. Throws BadRecordError. */
export const decodeHeads = (item: Item): readonly Head[] => changesOf(decodeHead(item));

/** The changes that a head holds, each on its own, in order: those of the newest publish. */
export function changesOf(head: Head): readonly Head[] {
  if (head.kind === 'counter' || head.earlier === undefined) return [head];
  const { earlier, ...newest } = head;
  return [...earlier, newest];
}

/** Messages that were published at once, each as an item of its own; any other item as it is. Throws BadRecordError. */
export function splitPublish(item: Item): readonly Item[] {
  const { messages, ...rest } = item;
  if (messages === undefined) return [item];
  if (messages.L === undefined) throw new BadRecordError('attribute messages is not a list');
  const before = getCount(item, 'seq') - messages.L.length;
  return messages.L.map((message, index) => ({ ...rest, seq: N(before + index + 1), message }));
}

function decodeChange(item: Item): Head {
  const topic = getText(item, 'topic');
  if (!isTopic(topic)) throw new BadRecordError('the topic is not a topic name');
  const traceId = findTraceId(item);
  const head = {
    topic,
    ...decodePosition(item),
    publishedAt: getTime(item, 'publishedAt'),
    ...(traceId === undefined ? {} : { traceId }),
  };
  if (head.seq < 1) throw new BadRecordError('seqs begin with 1');
  const value = findCount(item, 'value');
  if (value !== undefined) return { ...head, kind: 'counter', value };
  const exclude = findText(item, 'exclude');
  return { ...head, kind: 'message', message: getJson(item, 'message'), ...(exclude === undefined ? {} : { exclude }) };
}

/** A frame shows it as a date: one that is none would break every delivery of the batch. */
function getTime(item: Item, name: string): number {
  const timeMs = getCount(item, name);
  if (Number.isNaN(new Date(timeMs).getTime())) throw new BadRecordError(`attribute ${name} is not a time`);
  return timeMs;
}

/**
 * The text is delivered inside a frame as it is: what is not JSON, or too large, would break the frame of every
 * subscriber.
 */
function getJson(item: Item, name: string): string {
  const text = getText(item, name);
  if (byteLength(text) > LIMITS.DATA_BYTES) throw new BadRecordError(`attribute ${name} is too large for a frame`);
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new BadRecordError(`attribute ${name} is not JSON`, { cause });
  }
  return text;
}
