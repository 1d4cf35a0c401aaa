import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import {
  boundSchema,
  counterSchema,
  dataSchema,
  historySchema,
  idSchema,
  keySchema,
  messagesSchema,
  positionSchema,
  stepSchema,
  topicSchema,
} from './schema.ts';
import { isTopic } from './topic.ts';

/** Fields of every frame. Unknown fields are refused: a misspelt option must not pass in silence. */
const frame = <A extends string, S extends z.core.$ZodShape>(action: A, fields: S) =>
  z.strictObject({ action: z.literal(action), id: z.optional(idSchema), ...fields });

const counterFields = {
  counter: z.optional(counterSchema),
  by: z.optional(stepSchema),
  min: z.optional(boundSchema),
  max: z.optional(boundSchema),
  key: z.optional(keySchema),
};

/** Subscribe, or catch up on a topic already subscribed to. */
export const subscribeFrame = frame('subscribe', {
  topic: topicSchema,
  position: z.optional(positionSchema),
  history: z.optional(historySchema),
  batch: z.optional(z.literal(true)),
  presence: z.optional(z.literal(true)),
});

export const unsubscribeFrame = frame('unsubscribe', { topic: topicSchema });

interface Published {
  readonly data?: unknown;
  readonly messages?: readonly unknown[] | undefined;
}

/** One message in `data`, or several in `messages`, which get consecutive seqs by one write. */
export const publishFrame = frame('publish', {
  topic: topicSchema,
  data: z.optional(dataSchema),
  messages: z.optional(messagesSchema),
  key: z.optional(keySchema),
  echo: z.optional(z.boolean()),
}).check(
  z.refine<Published>(({ data, messages }) => data !== undefined || messages !== undefined, {
    path: ['data'],
    error: 'required',
  }),
  z.refine<Published>(({ data, messages }) => data === undefined || messages === undefined, {
    path: ['messages'],
    error: 'not together with data',
  }),
);

const ordered = z.refine<{ min?: number | undefined; max?: number | undefined }>(
  ({ min, max }) => min === undefined || max === undefined || min <= max,
  { path: ['min'], error: 'min is over max' },
);

export const plusFrame = frame('plus', counterFields).check(ordered);
export const minusFrame = frame('minus', counterFields).check(ordered);

/** The tutorials' form of a publish to `everyone`. */
export const onMessageFrame = frame('onMessage', { message: dataSchema, key: z.optional(keySchema) });

export const pingFrame = frame('ping', {
  positions: z.optional(
    z
      .record(z.string().check(z.refine(isTopic, 'not a topic name')), positionSchema)
      .check(
        z.refine(
          (positions) => Object.keys(positions).length <= LIMITS.TOPICS_PER_CONNECTION,
          `at most ${LIMITS.TOPICS_PER_CONNECTION} topics`,
        ),
      ),
  ),
});

/** Every action of the protocol and the schema of its frame. */
export const CLIENT_FRAMES = {
  subscribe: subscribeFrame,
  unsubscribe: unsubscribeFrame,
  publish: publishFrame,
  plus: plusFrame,
  minus: minusFrame,
  onMessage: onMessageFrame,
  ping: pingFrame,
} as const;

export type Action = keyof typeof CLIENT_FRAMES;
export type ClientFrame = { [A in Action]: z.infer<(typeof CLIENT_FRAMES)[A]> }[Action];
export type SubscribeFrame = z.infer<typeof subscribeFrame>;
export type PublishFrame = z.infer<typeof publishFrame>;
export type CounterFrame = z.infer<typeof plusFrame> | z.infer<typeof minusFrame>;
