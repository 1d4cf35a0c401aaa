import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { LIMITS } from './limits.ts';
import { TOPIC_PATTERN } from './topic.ts';

z.config(en());

const wholeNumber = z.number().check(z.int());

/** A topic's name; its faults become `bad-topic`. */
export const topicSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.TOPIC_LENGTH), z.regex(TOPIC_PATTERN, 'not a topic name'));

/** The name of a counter: what may follow `counter:` in a topic. */
export const counterSchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(LIMITS.TOPIC_LENGTH - 'counter:'.length),
    z.regex(TOPIC_PATTERN, 'not a counter name'),
  );

/** Correlates an answer with its frame. */
export const idSchema = z.string().check(z.minLength(1), z.maxLength(LIMITS.ID_LENGTH));

/** Printable ASCII: it becomes part of a DynamoDB key, where lone surrogates could not be told apart. */
export const keySchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.KEY_LENGTH), z.regex(/^[\x21-\x7e]+$/, 'printable ASCII only'));

/** As servers make them; anything else is none of ours. */
const epochSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(LIMITS.EPOCH_LENGTH), z.regex(/^[\x21-\x7e]+$/, 'printable ASCII only'));

export const seqSchema = wholeNumber.check(z.nonnegative());

export const positionSchema = z
  .strictObject({ epoch: z.nullable(epochSchema), seq: seqSchema })
  .check(
    z.refine(({ epoch, seq }) => epoch !== null || seq === 0, { path: ['seq'], error: 'without an epoch only 0' }),
  );

export const stepSchema = wholeNumber.check(z.positive(), z.maximum(LIMITS.COUNTER_STEP));

export const boundSchema = wholeNumber.check(z.minimum(-LIMITS.COUNTER_VALUE), z.maximum(LIMITS.COUNTER_VALUE));

export const historySchema = wholeNumber.check(z.positive(), z.maximum(LIMITS.HISTORY));

/** Any JSON. Absent is not JSON: the check tells `{}` from `{"data": null}`. */
export const dataSchema = z.unknown().check(z.refine((data) => data !== undefined, 'required'));

/** The data of several messages. */
export const messagesSchema = z.custom<readonly unknown[]>(
  (messages) => Array.isArray(messages) && messages.length > 0 && messages.length <= LIMITS.PUBLISHED_MESSAGES,
  `not a list of 1 to ${LIMITS.PUBLISHED_MESSAGES} messages`,
);
