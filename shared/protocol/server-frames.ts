import * as z from 'zod/mini';
import { CLIENT_FRAMES } from './client-frames.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { idSchema, seqSchema } from './schema.ts';

const epoch = z.string();
const topic = z.string();

/** A publish, delivered. */
export const messageFrame = z.object({
  type: z.literal('message'),
  topic,
  epoch,
  seq: seqSchema,
  data: z.unknown(),
  publishedAt: z.string(),
});

/** A counter's new value. Values of a batch are conflated: seqs may be left out, the last is always sent. */
export const stateFrame = z.object({
  type: z.literal('state'),
  counter: z.string(),
  value: z.number(),
  epoch,
  seq: seqSchema,
});

/**
 * The answer to a subscription: the position from which nothing will be missed, and what was missed before it. What
 * does not fit one frame comes in several, in order, each but the last with `more: true`.
 */
export const subscribedFrame = z.object({
  type: z.literal('subscribed'),
  topic,
  epoch: z.nullable(epoch),
  seq: seqSchema,
  recovered: z.boolean(),
  messages: z.optional(z.array(messageFrame)),
  value: z.optional(z.number()),
  more: z.optional(z.literal(true)),
});

const ackFrame = z.object({
  type: z.literal('ack'),
  id: idSchema,
  action: z.enum(Object.keys(CLIENT_FRAMES)),
  topic: z.optional(topic),
  counter: z.optional(z.string()),
  value: z.optional(z.number()),
  epoch: z.optional(epoch),
  seq: z.optional(seqSchema),
});

const pongFrame = z.object({ type: z.literal('pong'), id: z.optional(idSchema) });

/** One thing wrong with a frame: where, and why. */
const faultSchema = z.object({ path: z.string(), reason: z.string() });

const errorFrame = z.object({
  type: z.literal('error'),
  code: z.enum(Object.keys(ERROR_CODES)),
  message: z.string(),
  id: z.optional(idSchema),
  action: z.optional(z.string()),
  details: z.optional(z.array(faultSchema)),
});

/**
 * Who came and who left, for subscribers that asked for `presence`; the first one lists who is there. A member is a
 * connection, under a name that says nothing of it.
 */
export const presenceFrame = z.object({
  type: z.literal('presence'),
  topic,
  joined: z.array(z.string()),
  left: z.array(z.string()),
  count: z.number(),
  countedAt: z.string(),
  self: z.optional(z.string()),
});

/** Several frames at once, for subscribers that asked for `batch`. */
const batchFrame = z.object({
  type: z.literal('batch'),
  frames: z.array(z.union([messageFrame, stateFrame])),
});

/** Every `type` that a server sends and the schema of its frame. */
export const SERVER_FRAMES = {
  message: messageFrame,
  state: stateFrame,
  subscribed: subscribedFrame,
  presence: presenceFrame,
  batch: batchFrame,
  ack: ackFrame,
  pong: pongFrame,
  error: errorFrame,
} as const;

export type MessageFrame = z.infer<typeof messageFrame>;
export type StateFrame = z.infer<typeof stateFrame>;
export type SubscribedFrame = z.infer<typeof subscribedFrame>;
export type PresenceFrame = z.infer<typeof presenceFrame>;
type BatchFrame = z.infer<typeof batchFrame>;
export type AckFrame = z.infer<typeof ackFrame>;
export type PongFrame = z.infer<typeof pongFrame>;
export type Fault = z.infer<typeof faultSchema>;
export type ErrorFrame = z.infer<typeof errorFrame> & { code: ErrorCode };
export type ServerFrame =
  | MessageFrame
  | StateFrame
  | SubscribedFrame
  | PresenceFrame
  | BatchFrame
  | AckFrame
  | PongFrame
  | ErrorFrame;
