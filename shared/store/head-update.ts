import { createHash } from 'node:crypto';
import { LIMITS } from '../protocol/limits.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Values } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { STREAM } from './schema.ts';
import { nextEnd } from './stream-end.ts';
import type { StreamState } from './stream-state.ts';

/** The messages of one publish: consecutive seqs, in one write. */
export interface Publication {
  readonly topic: string;
  /** The data of each message as JSON text; one or more. */
  readonly messages: readonly string[];
  /** The connection that is not to get its own messages back. */
  readonly exclude?: string;
  /** The authenticated publisher's subject. */
  readonly from?: string;
  /** Whether the topic must have been published to before. Default: false; the first publish creates it. */
  readonly mustExist?: boolean;
  /** The stream that the topic is known to be. Default: one that a publish need not look at. */
  readonly stream?: StreamState;
}

/** The bounds that a counter's value may not leave. */
interface ValueBounds {
  readonly min?: number;
  readonly max?: number;
}

/** A change of a counter. */
export interface Increment extends ValueBounds {
  readonly topic: string;
  /** Negative for minus. */
  readonly delta: number;
  /** The bounds of the counter's definition, which hold beside those of the request. A request is no other by them. */
  readonly defined?: ValueBounds;
  /** Whether the counter must have been changed before. Default: false. */
  readonly mustExist?: boolean;
}

/** An update of a topic's head: the parts of an UpdateItem, which fit a transaction too. */
export interface HeadUpdate {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Values;
  /** The bounds of a counter, that the topic exists, or that its stream takes messages, as a condition. */
  readonly condition?: string;
  /** Whether the condition refuses a topic that does not exist yet. */
  readonly mustExist: boolean;
  /** The number by which `seq` goes up. */
  readonly changes: number;
  /** The change of a counter's value. */
  readonly delta?: number;
  /** The epoch that begins if the topic has none. */
  readonly newEpoch: string;
  /**
   * Distinguishes this request from another one with the same key: all that changes the written value, but neither the
   * order of members nor the connection that is excluded.
   */
  readonly digest: () => string;
}

/** The time, the epoch and the trace that an update carries. */
export interface UpdateContext {
  readonly nowMs: number;
  readonly newEpoch: string;
  /** The trace of the request that writes, if it has one. */
  readonly traceId: string | undefined;
}

const NAMES = { '#epoch': 'epoch', '#seq': 'seq', '#at': 'publishedAt', '#expires': 'expiresAt' } as const;
/** The condition that a topic was published to. An item without a seq got its shards before the first publish. */
const EXISTS = 'attribute_exists(#seq)';
/** The condition that a publish need not look at the stream of its topic. */
const NOT_HELD = `attribute_not_exists(#${STREAM.held})`;
const NEXT = 'SET #epoch = if_not_exists(#epoch, :epoch), #at = :at, #expires = :expires';

/** Returns the update that publishes messages: adds their number to `seq`, and sets the messages in the head. */
export function publishUpdate(publication: Publication, context: UpdateContext): HeadUpdate {
  const { messages, exclude, from, mustExist = false, stream } = publication;
  const held = heldPart(stream, context);
  const [message] = messages;
  const optional = setOrRemove({
    // One message, the common case, needs no list.
    ...(messages.length === 1 ? { message, messages: undefined } : { message: undefined, messages: [...messages] }),
    exclude,
    from,
    traceId: context.traceId,
  });
  return {
    expression: `${NEXT}${held.sets}${optional.expression} ADD #seq :changes`,
    names: { ...NAMES, ...optional.names, ...held.names },
    values: {
      ...nextValues(context, STORE_BOUNDS.TOPIC_IDLE_SECONDS),
      ...optional.values,
      ...held.values,
      ':changes': messages.length,
    },
    condition: mustExist ? `${EXISTS} AND ${held.condition}` : held.condition,
    mustExist,
    changes: messages.length,
    newEpoch: context.newEpoch,
    // JSON text from JSON.stringify contains no line break.
    digest: once(() => createHash('sha256').update(messages.map(canonicalJson).join('\n')).digest('base64')),
  };
}

/** Returns the update that changes a counter: `ADD value delta, seq 1`, unless the value would leave its bounds. */
export function incrementUpdate(increment: Increment, context: UpdateContext): HeadUpdate {
  const { delta, mustExist = false } = increment;
  const { min, max } = boundsOf(increment);
  const inside = '#value BETWEEN :low AND :high';
  const optional = setOrRemove({ traceId: context.traceId });
  return {
    expression: `${NEXT}${optional.expression} ADD #value :delta, #seq :changes`,
    names: { ...NAMES, '#value': 'value', ...optional.names },
    values: {
      ...nextValues(context, STORE_BOUNDS.COUNTER_IDLE_SECONDS),
      ...optional.values,
      ':delta': delta,
      ':changes': 1,
      ':low': min - delta,
      ':high': max - delta,
    },
    // A counter that does not exist yet counts from 0.
    condition: !mustExist && delta >= min && delta <= max ? `(attribute_not_exists(#value) OR ${inside})` : inside,
    mustExist,
    changes: 1,
    delta,
    newEpoch: context.newEpoch,
    digest: () => [delta, increment.min ?? '', increment.max ?? ''].join(' ').trimEnd(),
  };
}

/** Returns the part of a publish that keeps to the stream of its topic: one that ends is put off. */
function heldPart(stream: StreamState | undefined, { nowMs }: UpdateContext) {
  if (stream === undefined) return { sets: '', condition: NOT_HELD, names: { '#held': STREAM.held }, values: {} };
  const { [STREAM.endsAt]: endsAt } = nextEnd(stream.settings, nowMs);
  return {
    sets: ', #endsAt = :endsAt',
    condition:
      '#stream.#life = :life AND attribute_not_exists(#closed) AND attribute_not_exists(#gone) AND #endsAt > :at',
    names: {
      '#stream': STREAM.settings,
      '#life': 'life',
      '#closed': STREAM.closed,
      '#gone': STREAM.gone,
      '#endsAt': STREAM.endsAt,
    },
    values: { ':endsAt': endsAt, ':life': stream.life },
  };
}

/** Returns a function that computes its result at the first call: each attempt of a write needs the digest. */
function once(compute: () => string): () => string {
  let known: string | undefined;
  return () => (known ??= compute());
}

/** Returns what follows `SET …`. An undefined attribute is removed: the head keeps nothing of an earlier write. */
function setOrRemove(attributes: Values) {
  const entries = Object.entries(attributes);
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.flatMap(([name, value]) => (value === undefined ? [`#${name}`] : []));
  const sets = set.map(([name]) => `, #${name} = :${name}`).join('');
  return {
    expression: removed.length === 0 ? sets : `${sets} REMOVE ${removed.join()}`,
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value] as const)),
  };
}

const boundsOf = ({ min, max, defined = {} }: Increment): { min: number; max: number } => ({
  min: Math.max(min ?? -Infinity, defined.min ?? -Infinity, -LIMITS.COUNTER_VALUE),
  max: Math.min(max ?? Infinity, defined.max ?? Infinity, LIMITS.COUNTER_VALUE),
});

const nextValues = ({ nowMs, newEpoch }: UpdateContext, idleSeconds: number): Values => ({
  ':epoch': newEpoch,
  ':at': nowMs,
  ':expires': Math.floor(nowMs / 1_000) + idleSeconds,
});
