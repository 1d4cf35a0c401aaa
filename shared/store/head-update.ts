import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../protocol/limits.ts';
import { N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';

/** What is published at once: consecutive seqs, by one write. */
export interface Publication {
  readonly topic: string;
  /** The data of each message as JSON text; one or more. */
  readonly messages: readonly string[];
  /** Connection that is not to get its own messages back. */
  readonly exclude?: string;
}

export interface Increment {
  readonly topic: string;
  /** Negative for minus. */
  readonly delta: number;
  readonly min?: number;
  readonly max?: number;
}

/** One update of a topic's head: parts of an UpdateItem that a transaction can hold as well. */
export interface HeadUpdate {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
  /** Bounds of a counter. */
  readonly condition?: string;
  /** By how much `seq` goes up. */
  readonly changes: number;
  /** What a counter changes by. */
  readonly delta?: number;
  /** The epoch that begins if the topic has none. */
  readonly newEpoch: string;
  /** Tells this request from another one with the same key. */
  readonly digest: () => string;
}

export interface UpdateContext {
  readonly nowMs: number;
  readonly newEpoch: string;
  /** The trace of the request that writes, if it has one. */
  readonly traceId: string | undefined;
}

const NAMES = { '#epoch': 'epoch', '#seq': 'seq', '#at': 'publishedAt', '#expires': 'expiresAt' } as const;
const NEXT = 'SET #epoch = if_not_exists(#epoch, :epoch), #at = :at, #expires = :expires';

/** The update that publishes messages: `ADD seq` their number, and the messages themselves into the head. */
export function publishUpdate({ messages, exclude }: Publication, context: UpdateContext): HeadUpdate {
  const list = messages.map(S);
  const optional = setOrRemove({
    // Mostly it is one, which then needs no list.
    ...(list.length === 1 ? { message: list[0], messages: undefined } : { message: undefined, messages: { L: list } }),
    exclude: textOf(exclude),
    traceId: textOf(context.traceId),
  });
  return {
    expression: `${NEXT}${optional.expression} ADD #seq :changes`,
    names: { ...NAMES, ...optional.names },
    values: {
      ...nextValues(context, STORE_BOUNDS.TOPIC_IDLE_SECONDS),
      ...optional.values,
      ':changes': N(messages.length),
    },
    changes: messages.length,
    newEpoch: context.newEpoch,
    // JSON has no line break of its own.
    digest: () => createHash('sha256').update(messages.join('\n')).digest('base64'),
  };
}

/** The update that changes a counter: `ADD value delta, seq 1`, unless the value would leave its bounds. */
export function incrementUpdate(increment: Increment, context: UpdateContext): HeadUpdate {
  const { delta } = increment;
  const { min, max } = boundsOf(increment);
  const inside = '#value BETWEEN :low AND :high';
  const optional = setOrRemove({ traceId: textOf(context.traceId) });
  return {
    expression: `${NEXT}${optional.expression} ADD #value :delta, #seq :changes`,
    names: { ...NAMES, '#value': 'value', ...optional.names },
    values: {
      ...nextValues(context, STORE_BOUNDS.COUNTER_IDLE_SECONDS),
      ...optional.values,
      ':delta': N(delta),
      ':changes': N(1),
      ':low': N(min - delta),
      ':high': N(max - delta),
    },
    // A counter that does not exist yet counts from 0.
    condition: delta >= min && delta <= max ? `(attribute_not_exists(#value) OR ${inside})` : inside,
    changes: 1,
    delta,
    newEpoch: context.newEpoch,
    digest: () => String(delta),
  };
}

/** The head keeps nothing of an earlier write: what this one lacks is removed. What it returns follows a SET. */
function setOrRemove(attributes: Readonly<Record<string, AttributeValue | undefined>>) {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const removed: string[] = [];
  let expression = '';
  for (const [name, value] of Object.entries(attributes)) {
    names[`#${name}`] = name;
    if (value === undefined) removed.push(`#${name}`);
    else {
      values[`:${name}`] = value;
      expression += `, #${name} = :${name}`;
    }
  }
  if (removed.length > 0) expression += ` REMOVE ${removed.join()}`;
  return { expression, names, values };
}

const textOf = (value: string | undefined): AttributeValue | undefined => (value === undefined ? undefined : S(value));

const boundsOf = ({ min, max }: Increment): { min: number; max: number } => ({
  min: Math.max(min ?? -Infinity, -LIMITS.COUNTER_VALUE),
  max: Math.min(max ?? Infinity, LIMITS.COUNTER_VALUE),
});

const nextValues = ({ nowMs, newEpoch }: UpdateContext, idleSeconds: number): Record<string, AttributeValue> => ({
  ':epoch': S(newEpoch),
  ':at': N(nowMs),
  ':expires': N(Math.floor(nowMs / 1_000) + idleSeconds),
});
