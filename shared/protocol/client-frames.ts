import * as z from 'zod/mini';
import {
  boundSchema,
  counterSchema,
  dataSchema,
  historySchema,
  idSchema,
  keySchema,
  messagesSchema,
  positionSchema,
  positionsSchema,
  stepSchema,
  subscribableSchema,
  topicSchema,
} from './schema.ts';
import { isTopic } from './topic.ts';
import { isUnder, isWildcard } from './wildcard.ts';

/**
 * Creates the schema of a client's frame, with the fields of every frame: `action` and `id`. Unknown fields are
 * refused, so that a misspelt option is not ignored.
 */
const frame = <A extends string, S extends z.core.$ZodShape>(action: A, fields: S) =>
  z.strictObject({ action: z.literal(action), id: z.optional(idSchema), ...fields });

const counterFields = {
  counter: z.optional(counterSchema),
  by: z.optional(stepSchema),
  min: z.optional(boundSchema),
  max: z.optional(boundSchema),
  key: z.optional(keySchema),
};

interface SubscribeOptions {
  readonly topic: string;
  readonly positions?: Readonly<Record<string, unknown>> | undefined;
  readonly before?: unknown;
  readonly history?: number | undefined;
  readonly position?: unknown;
  readonly batch?: true | undefined;
  readonly presence?: true | undefined;
}

/** The fields of `subscribe` that a frame with `before` cannot have: it does not change the subscription. */
export const NOT_WITH_BEFORE = ['position', 'batch', 'presence'] as const;

/** The fields of `subscribe` that a frame with a wildcard cannot have: each is about one topic. */
export const NOT_WITH_WILDCARD = ['position', 'history', 'before', 'presence'] as const;

/**
 * The schema of `subscribe`: subscribes to a topic or a wildcard, or catches up on one already subscribed to. With
 * `before`, asks for the `history` messages before a position of a topic that is already subscribed to. With a
 * wildcard, `positions` are those of topics under it.
 */
export const subscribeFrame = frame('subscribe', {
  topic: subscribableSchema,
  position: z.optional(positionSchema),
  positions: z.optional(positionsSchema),
  history: z.optional(historySchema),
  before: z.optional(positionSchema),
  batch: z.optional(z.literal(true)),
  presence: z.optional(z.literal(true)),
}).check(
  z.refine<SubscribeOptions>(({ before, history }) => before === undefined || history !== undefined, {
    path: ['history'],
    error: 'required together with before',
  }),
  ...NOT_WITH_BEFORE.map((name) =>
    z.refine<SubscribeOptions>(({ before, [name]: other }) => before === undefined || other === undefined, {
      path: [name],
      error: 'not allowed together with before',
    }),
  ),
  ...NOT_WITH_WILDCARD.map((name) =>
    z.refine<SubscribeOptions>(({ topic, [name]: other }) => other === undefined || !isWildcard(topic), {
      path: [name],
      error: 'not allowed with a wildcard',
    }),
  ),
  z.refine<SubscribeOptions>(
    ({ topic, positions }) =>
      positions === undefined ||
      (isWildcard(topic) && Object.keys(positions).every((name) => isTopic(name) && isUnder(name, topic))),
    { path: ['positions'], error: 'only with a wildcard, and of topics under it' },
  ),
);

/** The schema of `unsubscribe`. */
export const unsubscribeFrame = frame('unsubscribe', { topic: subscribableSchema });

interface PublishedData {
  readonly data?: unknown;
  readonly messages?: readonly unknown[] | undefined;
}

/** The schema of `publish`: either one message in `data`, or several in `messages`. */
export const publishFrame = frame('publish', {
  topic: topicSchema,
  data: z.optional(dataSchema),
  messages: z.optional(messagesSchema),
  key: z.optional(keySchema),
  echo: z.optional(z.boolean()),
}).check(
  z.refine<PublishedData>(({ data, messages }) => data !== undefined || messages !== undefined, {
    path: ['data'],
    error: 'required',
  }),
  z.refine<PublishedData>(({ data, messages }) => data === undefined || messages === undefined, {
    path: ['messages'],
    error: 'not allowed together with data',
  }),
);

const minUpToMax = z.refine<{ min?: number | undefined; max?: number | undefined }>(
  ({ min, max }) => min === undefined || max === undefined || min <= max,
  { path: ['min'], error: 'min is greater than max' },
);

/** The schema of `plus`. */
export const plusFrame = frame('plus', counterFields).check(minUpToMax);
/** The schema of `minus`: the same fields as `plus`; `by` is subtracted. */
export const minusFrame = frame('minus', counterFields).check(minUpToMax);

/** The schema of `onMessage`, the classic tutorials' form of a publish to `everyone`. */
export const onMessageFrame = frame('onMessage', { message: dataSchema, key: z.optional(keySchema) });

/** The schema of `ping`, with at most `POSITIONS` positions by topic. */
export const pingFrame = frame('ping', { positions: z.optional(positionsSchema) });

/** The schema of `setPresence`: the state of the sender's member in a topic; `null` ends it. */
export const setPresenceFrame = frame('setPresence', { topic: topicSchema, state: dataSchema });

/** The schema of each client frame, by its `action`. */
export const CLIENT_FRAMES = {
  subscribe: subscribeFrame,
  unsubscribe: unsubscribeFrame,
  publish: publishFrame,
  plus: plusFrame,
  minus: minusFrame,
  onMessage: onMessageFrame,
  ping: pingFrame,
  setPresence: setPresenceFrame,
} as const;

/** The name of a client frame. */
export type Action = keyof typeof CLIENT_FRAMES;
/** A frame that a client sends, decoded. */
export type ClientFrame = { [A in Action]: z.infer<(typeof CLIENT_FRAMES)[A]> }[Action];
/** A `subscribe` frame, decoded. */
export type SubscribeFrame = z.infer<typeof subscribeFrame>;
/** A `publish` frame, decoded. */
export type PublishFrame = z.infer<typeof publishFrame>;
/** A `plus` or `minus` frame, decoded. */
export type CounterFrame = z.infer<typeof plusFrame> | z.infer<typeof minusFrame>;
