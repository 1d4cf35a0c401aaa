import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../protocol/limits.ts';
import { N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';

export interface NewMessage {
  readonly topic: string;
  /** The data as JSON text. */
  readonly message: string;
  /** Connection that is not to get its own message back. */
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
}

const NAMES = { '#epoch': 'epoch', '#seq': 'seq', '#at': 'publishedAt', '#expires': 'expiresAt' } as const;
const NEXT = 'SET #epoch = if_not_exists(#epoch, :epoch), #at = :at, #expires = :expires';

/** The update that publishes a message: `ADD seq 1`, and the message itself into the head. */
export function messageUpdate({ message, exclude }: NewMessage, context: UpdateContext): HeadUpdate {
  // The head keeps no trace of an earlier sender: the attribute is either set anew or removed.
  const sender = exclude === undefined ? ' REMOVE #exclude' : ', #exclude = :exclude';
  return {
    expression: `${NEXT}, #message = :message${sender} ADD #seq :one`,
    names: { ...NAMES, '#message': 'message', '#exclude': 'exclude' },
    values: {
      ...nextValues(context, STORE_BOUNDS.TOPIC_IDLE_SECONDS),
      ':message': S(message),
      ...(exclude === undefined ? {} : { ':exclude': S(exclude) }),
    },
    newEpoch: context.newEpoch,
    digest: () => createHash('sha256').update(message).digest('base64'),
  };
}

/** The update that changes a counter: `ADD value delta, seq 1`, unless the value would leave its bounds. */
export function incrementUpdate(increment: Increment, context: UpdateContext): HeadUpdate {
  const { delta } = increment;
  const { min, max } = boundsOf(increment);
  const inside = '#value BETWEEN :low AND :high';
  return {
    expression: `${NEXT} ADD #value :delta, #seq :one`,
    names: { ...NAMES, '#value': 'value' },
    values: {
      ...nextValues(context, STORE_BOUNDS.COUNTER_IDLE_SECONDS),
      ':delta': N(delta),
      ':low': N(min - delta),
      ':high': N(max - delta),
    },
    // A counter that does not exist yet counts from 0.
    condition: delta >= min && delta <= max ? `(attribute_not_exists(#value) OR ${inside})` : inside,
    delta,
    newEpoch: context.newEpoch,
    digest: () => String(delta),
  };
}

const boundsOf = ({ min, max }: Increment): { min: number; max: number } => ({
  min: Math.max(min ?? -Infinity, -LIMITS.COUNTER_VALUE),
  max: Math.min(max ?? Infinity, LIMITS.COUNTER_VALUE),
});

const nextValues = ({ nowMs, newEpoch }: UpdateContext, idleSeconds: number): Record<string, AttributeValue> => ({
  ':epoch': S(newEpoch),
  ':at': N(nowMs),
  ':expires': N(Math.floor(nowMs / 1_000) + idleSeconds),
  ':one': N(1),
});
