import { BadRecordError } from '../errors.ts';
import { byteLength } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import { isTopic } from '../protocol/topic.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { listOf, optional, text, where, wholeNumber } from './item-schema.ts';
import { STREAM } from './schema.ts';
import { traceId } from './trace-id.ts';
import type { TopicPosition } from './written-head.ts';

interface HeadOf extends TopicPosition {
  readonly topic: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  /** The trace of the request that published, for the log. Never on the wire. */
  readonly traceId?: string | undefined;
}

/** A head whose newest change is a message. */
export interface MessageHead extends HeadOf {
  readonly kind: 'message';
  /** The published data as JSON text. */
  readonly message: string;
  /** The connection that asked not to get its own message back. */
  readonly exclude?: string | undefined;
  /** The authenticated publisher's subject. */
  readonly from?: string | undefined;
  /** Whether the topic is closed: this message is its last. */
  readonly closed?: true | undefined;
  /** The messages of the same publish before this one. Absent when there are none, and in a split change. */
  readonly earlier?: readonly MessageHead[];
}

/** A head whose changes are a counter's. */
export interface CounterHead extends HeadOf {
  readonly kind: 'counter';
  readonly value: number;
}

/** The item of a topic: its position and its newest change. */
export type Head = MessageHead | CounterHead;

/** A frame shows `publishedAt` as a date: an invalid one would break every delivery of the batch. */
const time = where(wholeNumber, (timeMs) => !Number.isNaN(new Date(timeMs).getTime()), 'is not a time');

/** Data goes into a frame as it is: text that is not JSON, or too large, would break the frame of every subscriber. */
const data = where(
  where(text, (json) => byteLength(json) <= LIMITS.DATA_BYTES, 'is too large for a frame'),
  isJson,
  'is not JSON',
);

const HEAD = {
  topic: where(text, isTopic, 'is not a topic name'),
  epoch: text,
  seq: where(wholeNumber, (seq) => seq >= 1, 'is less than 1'),
  publishedAt: time,
  traceId,
} as const;

const COUNTER_HEAD = { ...HEAD, value: wholeNumber } as const;

const MESSAGE_HEAD = { ...HEAD, message: data, exclude: optional(text), from: optional(text) } as const;

/** The head of a publish of several messages, which are in a list. */
const MESSAGES_HEAD = {
  ...HEAD,
  messages: where(listOf(data), (list) => list.length > 0, 'is empty'),
  exclude: optional(text),
  from: optional(text),
} as const;

/**
 * Whether an item of the Topics table was published to. One that got its shards before, or that was created as a
 * stream, has no seq; a new fork has a seq and no message.
 */
export const hasNews = (item: Item): boolean =>
  item['seq'] !== undefined &&
  (item[STREAM.settings] === undefined || item['message'] !== undefined || item['messages'] !== undefined);

/**
 * Decodes an item of the Topics table: its newest change, and the messages of the same publish. Throws BadRecordError.
 */
export function decodeHead(item: Item): Head {
  const changes = decodeHeads(item);
  const [newest, before] = [changes.at(-1), changes.slice(0, -1)];
  if (newest === undefined) throw new BadRecordError('attribute messages is empty');
  const earlier = before.filter((change) => change.kind === 'message');
  return newest.kind === 'counter' || earlier.length === 0 ? newest : { ...newest, earlier };
}

/** Decodes each change that an item of the Topics table holds, in order. Throws BadRecordError. */
export function decodeHeads(item: Item): readonly Head[] {
  if (item['value'] !== undefined) return [{ ...decodeItem(COUNTER_HEAD, item), kind: 'counter' }];
  const messages = messagesIn(item);
  if (item[STREAM.closed] === undefined) return messages;
  return messages.map((message, index) => (index === messages.length - 1 ? { ...message, closed: true } : message));
}

function messagesIn(item: Item): readonly MessageHead[] {
  if (item['messages'] === undefined) return [{ ...decodeItem(MESSAGE_HEAD, item), kind: 'message' }];
  const { messages, ...head } = decodeItem(MESSAGES_HEAD, item);
  const before = head.seq - messages.length;
  if (before < 0) throw new BadRecordError('attribute messages has more messages than seqs');
  return messages.map((message, index) => ({ ...head, kind: 'message', seq: before + index + 1, message }));
}

/** Returns each change that a head holds, in order: those of the newest publish. */
export function changesOf(head: Head): readonly Head[] {
  if (head.kind === 'counter' || head.earlier === undefined) return [head];
  const { earlier, ...newest } = head;
  return [...earlier, newest];
}

/** Splits the item of a publish of several messages into an item for each. Any other item stays as it is. */
export function splitPublish(item: Item): readonly Item[] {
  if (item['messages'] === undefined) return [item];
  const { messages, ...rest } = item;
  return decodeHeads(item).map((head, index) => {
    const message = messages?.L?.[index];
    return { ...rest, ...encodeItem({ seq: head.seq }), ...(message === undefined ? {} : { message }) };
  });
}

function isJson(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
