import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { LIMITS } from './limits.ts';
import { COUNTER_PATTERN, TOPIC_PATTERN } from './topic.ts';
import { isSubscribable, SUBSCRIBABLE_PATTERN } from './wildcard.ts';

z.config(en());

const wholeNumber = z.number().check(z.int());

const NOT_SUBSCRIBABLE = 'not a topic name';

/** The schema of a topic's name: 1 to `TOPIC_LENGTH` characters of `TOPIC_PATTERN`. */
export const topicSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.TOPIC_LENGTH), z.regex(TOPIC_PATTERN, 'not a topic name'));

/** The schema of what can be subscribed to: a topic's name, or a wildcard, which ends in `/*` or `:*`. */
export const subscribableSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.TOPIC_LENGTH), z.regex(SUBSCRIBABLE_PATTERN, NOT_SUBSCRIBABLE));

/** The schema of a counter's name: with `counter:` before it, a topic's name. */
export const counterSchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(LIMITS.TOPIC_LENGTH - 'counter:'.length),
    z.regex(COUNTER_PATTERN, 'not a counter name'),
  );

/** The schema of a frame's `id`, which its answer repeats: 1 to `ID_LENGTH` characters. */
export const idSchema = z.string().check(z.minLength(1), z.maxLength(LIMITS.ID_LENGTH));

/**
 * The schema of an idempotency key: 1 to `KEY_LENGTH` characters of printable ASCII. The key becomes part of a DynamoDB
 * key, as UTF-8, where two different lone surrogates would become the same bytes.
 */
export const keySchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.KEY_LENGTH), z.regex(/^[\x21-\x7e]+$/, 'printable ASCII only'));

/** The schema of an epoch in a client's position: printable ASCII, as servers create them. */
const epochSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.EPOCH_LENGTH), z.regex(/^[\x21-\x7e]+$/, 'printable ASCII only'));

/** The schema of a `seq`: a whole number from 0. */
export const seqSchema = wholeNumber.check(z.nonnegative());

/** The schema of a position. Without an epoch `seq` must be 0. */
export const positionSchema = z
  .strictObject({ epoch: z.nullable(epochSchema), seq: seqSchema })
  .check(
    z.refine(({ epoch, seq }) => epoch !== null || seq === 0, { path: ['seq'], error: 'must be 0 if epoch is null' }),
  );

/** The schema of positions by topic, at most `POSITIONS`. A wildcard among the keys names the subscription to it. */
export const positionsSchema = z
  .record(z.string().check(z.refine(isSubscribable, NOT_SUBSCRIBABLE)), positionSchema)
  .check(
    z.refine((positions) => Object.keys(positions).length <= LIMITS.POSITIONS, `at most ${LIMITS.POSITIONS} topics`),
  );

/** The schema of an increment's step: a whole number from 1 to `COUNTER_STEP`. */
export const stepSchema = wholeNumber.check(z.positive(), z.maximum(LIMITS.COUNTER_STEP));

/** The schema of a counter's bound: a whole number of at most `COUNTER_VALUE`, positive or negative. */
export const boundSchema = wholeNumber.check(z.minimum(-LIMITS.COUNTER_VALUE), z.maximum(LIMITS.COUNTER_VALUE));

/** The schema of a number of last messages: from 1 to `HISTORY`. */
export const historySchema = wholeNumber.check(z.positive(), z.maximum(LIMITS.HISTORY));

/** The schema of a message: any JSON, `null` included. An absent field is refused. */
export const dataSchema = z.unknown().check(z.refine((data) => data !== undefined, 'required'));

/** The schema of the data of several messages: a list of 1 to `PUBLISHED_MESSAGES`. */
export const messagesSchema = z.custom<readonly unknown[]>(
  (messages) => Array.isArray(messages) && messages.length > 0 && messages.length <= LIMITS.PUBLISHED_MESSAGES,
  `must be a list of 1 to ${LIMITS.PUBLISHED_MESSAGES} messages`,
);
