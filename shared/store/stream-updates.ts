import type { Values } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { type DraftedUpdate, draftUpdate } from './draft-update.ts';
import { mediaTypeOf, producerToForget, type StreamAppend } from './judge-append.ts';
import { GROWN_AT, STREAM } from './schema.ts';
import { nextEnd } from './stream-end.ts';
import { JSON_TYPE, type Segment, type StreamSettings, type StreamState } from './stream-state.ts';

/** The messages that a fork inherits: the topics that hold them, and the position of the last one. */
export interface Inherited {
  readonly segments: readonly Segment[];
  readonly epoch: string;
  readonly seq: number;
}

/** A stream that is created. */
export interface StreamCreation {
  readonly topic: string;
  readonly settings: StreamSettings;
  /** The data of its first messages as JSON text. */
  readonly messages: readonly string[];
  readonly isClosed: boolean;
  /** The messages of a fork's source. Absent for a fork at the beginning, and for any other stream. */
  readonly inherited?: Inherited | undefined;
  readonly from?: string | undefined;
}

/** The time, and the names that a write may have to give. */
export interface StreamContext {
  readonly nowMs: number;
  readonly newEpoch: string;
  readonly newLife: string;
  readonly traceId: string | undefined;
}

/** The attributes of a head that end with its stream. The others are its subscribers': the shards of their index. */
const OF_THE_STREAM: readonly string[] = [
  'epoch',
  'seq',
  'message',
  'messages',
  'value',
  'exclude',
  'from',
  'traceId',
  'publishedAt',
  GROWN_AT,
  ...Object.values(STREAM),
];

const NOTHING_LEFT: Values = Object.fromEntries(OF_THE_STREAM.map((name) => [name, undefined]));

const NO_FORKS = '(attribute_not_exists(#forks) OR #forks <= :zero)';

/** The condition of a topic without a stream: nobody created it or published to it, or its time is over. */
const ABSENT =
  '((attribute_not_exists(#stream) AND attribute_not_exists(#seq))' +
  ` OR (#endsAt <= :now AND attribute_not_exists(#gone) AND ${NO_FORKS}))`;

/** The change of a head that brings no message: its record has no news. */
const QUIETLY = `#${GROWN_AT} = if_not_exists(#seq, :zero)`;

/** Returns the update that creates a stream, in the place of one whose time is over. */
export function creationUpdate(creation: StreamCreation, context: StreamContext): DraftedUpdate {
  const { settings, messages, isClosed, inherited, from } = creation;
  const seq = (inherited?.seq ?? 0) + messages.length;
  const { segments = [] } = inherited ?? {};
  const created: Values = {
    ...NOTHING_LEFT,
    ...nextEnd(settings, context.nowMs),
    publishedAt: context.nowMs,
    [STREAM.settings]: { ...settings, life: context.newLife, ...(segments.length > 0 ? { segments } : {}) },
    [STREAM.held]: isHeld(settings) || isClosed ? true : undefined,
    [STREAM.closed]: isClosed ? {} : undefined,
    [STREAM.producers]: {},
    ...(seq === 0 ? {} : { seq, epoch: inherited?.epoch ?? context.newEpoch }),
    // A head with a seq and no message makes no news.
    ...(messages.length > 0 ? { ...messageValues(messages), from, traceId: context.traceId } : { [GROWN_AT]: seq }),
  };
  return draftUpdate({ set: created, conditions: [ABSENT], values: { now: context.nowMs, zero: 0 } });
}

/** Returns the update that appends to a stream as it is believed to be: messages, its end, the producer, or all. */
export function appendUpdate(believed: StreamState, append: StreamAppend, context: StreamContext): DraftedUpdate {
  const { messages, closes, streamSeq, from } = append;
  const hasMessages = messages.length > 0;
  const producer = producerWrite(believed, append, context.nowMs);
  return draftUpdate({
    set: {
      ...(hasMessages ? { ...messageValues(messages), exclude: undefined, from, traceId: context.traceId } : {}),
      ...(hasMessages ? { publishedAt: context.nowMs } : {}),
      ...nextEnd(believed.settings, context.nowMs),
      ...(streamSeq === undefined ? {} : { [STREAM.streamSeq]: streamSeq }),
      ...(closes ? { [STREAM.closed]: { by: append.producer }, [STREAM.held]: true } : {}),
    },
    sets: [hasMessages ? '#epoch = if_not_exists(#epoch, :newEpoch)' : QUIETLY, ...producer.sets],
    removes: producer.removes,
    adds: hasMessages ? ['#seq :changes'] : [],
    conditions: [
      ...livingAs(believed),
      'attribute_not_exists(#closed)',
      ...(streamSeq === undefined ? [] : ['(attribute_not_exists(#streamSeq) OR #streamSeq < :streamSeq)']),
      ...producer.conditions,
    ],
    values: {
      ...believedValues(believed, context.nowMs),
      ...producer.values,
      newEpoch: context.newEpoch,
      changes: messages.length,
    },
    names: producer.names,
  });
}

/** Returns the update that puts off the end of a stream with a TTL. */
export const touchUpdate = (believed: StreamState, nowMs: number): DraftedUpdate =>
  draftUpdate({
    set: nextEnd(believed.settings, nowMs),
    sets: [QUIETLY],
    conditions: livingAs(believed),
    values: believedValues(believed, nowMs),
  });

/** Returns the update that counts one more fork of a stream that has the messages up to a seq. */
export const forkedUpdate = (source: StreamState, upTo: number, nowMs: number): DraftedUpdate =>
  draftUpdate({
    sets: [QUIETLY],
    adds: ['#forks :one'],
    conditions: [...livingAs(source), ...(upTo === 0 ? [] : ['#seq >= :upTo'])],
    values: { ...believedValues(source, nowMs), one: 1, upTo },
  });

/** Returns the update that counts one fork less. */
export const releasedUpdate = (): DraftedUpdate =>
  draftUpdate({
    sets: [QUIETLY],
    adds: ['#forks :less'],
    conditions: ['#forks > :zero'],
    values: { less: -1, zero: 0 },
  });

/** Returns the update that clears away a stream whose time is over. */
export const clearUpdate = (nowMs: number): DraftedUpdate =>
  draftUpdate({
    set: NOTHING_LEFT,
    conditions: ['#endsAt <= :now', 'attribute_not_exists(#gone)', NO_FORKS],
    values: { now: nowMs, zero: 0 },
  });

/** Returns the update that deletes a stream without forks. */
export const purgeUpdate = (believed: StreamState): DraftedUpdate =>
  draftUpdate({ set: NOTHING_LEFT, conditions: [sameLife(believed), NO_FORKS], values: believedValues(believed, 0) });

/** Returns the update that deletes a stream with forks: its messages stay, for them alone. */
export const goneUpdate = (believed: StreamState): DraftedUpdate =>
  draftUpdate({
    set: { [STREAM.gone]: true, [STREAM.held]: true },
    sets: [QUIETLY],
    conditions: [sameLife(believed), '#forks > :zero'],
    values: believedValues(believed, 0),
  });

/** Whether a publish has to look at a stream's settings: it ends, or it holds no JSON. */
const isHeld = ({ contentType, ttlSeconds, deadline }: StreamSettings): boolean =>
  ttlSeconds !== undefined || deadline !== undefined || mediaTypeOf(contentType) !== JSON_TYPE;

const messageValues = (messages: readonly string[]): Values => {
  const [message] = messages;
  return messages.length === 1 ? { message, messages: undefined } : { message: undefined, messages: [...messages] };
};

const sameLife = ({ life }: StreamState): string =>
  life === undefined ? '(attribute_not_exists(#stream) AND attribute_exists(#seq))' : '#stream.#life = :life';

/** Returns the conditions of the stream that the writer believes in, and that it can still be used. */
const livingAs = (believed: StreamState): readonly string[] => [
  sameLife(believed),
  'attribute_not_exists(#gone)',
  ...(believed.life === undefined ? ['attribute_not_exists(#value)'] : []),
  ...(believed.endsAt === undefined ? [] : ['#endsAt > :now']),
];

const believedValues = ({ life }: StreamState, nowMs: number): Values => ({ life, now: nowMs, zero: 0 });

interface ProducerWrite {
  readonly sets: readonly string[];
  readonly removes: readonly string[];
  readonly conditions: readonly string[];
  readonly values: Values;
  readonly names: Readonly<Record<string, string>>;
}

const NO_PRODUCER: ProducerWrite = { sets: [], removes: [], conditions: [], values: {}, names: {} };

/** Returns the part of an append that checks the number of a producer's request and notes it. */
function producerWrite(believed: StreamState, append: StreamAppend, nowMs: number): ProducerWrite {
  const { producer } = append;
  if (producer === undefined) return NO_PRODUCER;
  const { id, epoch, seq } = producer;
  const mark = { epoch, seq, at: nowMs };
  if (believed.producers === undefined) {
    const conditions = ['attribute_not_exists(#producers)'];
    return { ...NO_PRODUCER, sets: ['#producers = :marks'], conditions, values: { marks: new Map([[id, mark]]) } };
  }
  const forgotten = producerToForget(believed, append, nowMs);
  const next = '#producers.#id.#epoch = :producerEpoch AND #producers.#id.#seq = :before';
  const first = 'attribute_not_exists(#producers.#id) OR #producers.#id.#epoch < :producerEpoch';
  const hasRoom = '(attribute_exists(#producers.#id) OR size(#producers) < :room)';
  return {
    sets: ['#producers.#id = :mark'],
    removes: forgotten === undefined ? [] : ['#producers.#forgotten'],
    conditions: [seq === 0 ? `(${first})` : `(${next})`, ...(forgotten === undefined ? [hasRoom] : [])],
    values: { mark, producerEpoch: epoch, before: seq - 1, room: STORE_BOUNDS.PRODUCERS },
    names: { id, forgotten: forgotten ?? '' },
  };
}
