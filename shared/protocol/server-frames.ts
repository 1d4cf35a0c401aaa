import * as z from 'zod/mini';
import { CLIENT_FRAMES } from './client-frames.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { idSchema, seqSchema } from './schema.ts';

const epoch = z.string();
const topic = z.string();

/**
 * The schema of `message`: a published message, delivered. `publishedAt` is ISO 8601 with milliseconds. `from` is the
 * subject of the publisher's token, set by the server; absent where the stack does not authenticate. `closed`: it is
 * the last one; where a topic is closed without a message, its newest one comes again, with `closed`.
 */
export const messageFrame = z.object({
  type: z.literal('message'),
  topic,
  epoch,
  seq: seqSchema,
  data: z.unknown(),
  publishedAt: z.string(),
  from: z.optional(z.string()),
  closed: z.optional(z.literal(true)),
});

/** The schema of `state`: a counter's new value. Values are conflated: seqs may be skipped, the last is always sent. */
export const stateFrame = z.object({
  type: z.literal('state'),
  counter: z.string(),
  value: z.number(),
  epoch,
  seq: seqSchema,
});

/**
 * The schema of `subscribed`: the position after which messages arrive live, and the messages that were missed before
 * it. An answer that does not fit one frame comes in several, in order, each but the last with `more: true`. With
 * `wildcard`: what was missed of a topic by the subscription to this wildcard.
 */
export const subscribedFrame = z.object({
  type: z.literal('subscribed'),
  topic,
  wildcard: z.optional(z.string()),
  epoch: z.nullable(epoch),
  seq: seqSchema,
  recovered: z.boolean(),
  messages: z.optional(z.array(messageFrame)),
  value: z.optional(z.number()),
  closed: z.optional(z.literal(true)),
  lastValueOnly: z.optional(z.literal(true)),
  more: z.optional(z.literal(true)),
});

/**
 * The schema of `history`: the answer to a `subscribe` with `before`, oldest message first. An answer that does not fit
 * one frame comes in several, in order, each but the last with `more: true`.
 */
export const historyFrame = z.object({
  type: z.literal('history'),
  id: z.optional(idSchema),
  topic,
  messages: z.array(messageFrame),
  before: z.optional(z.object({ epoch, seq: seqSchema })),
  lost: z.optional(z.literal(true)),
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

/** The schema of a fault in a client's frame: the path of the field, and the reason. */
const faultSchema = z.object({ path: z.string(), reason: z.string() });

const errorFrame = z.object({
  type: z.literal('error'),
  code: z.enum(Object.keys(ERROR_CODES)),
  message: z.string(),
  id: z.optional(idSchema),
  action: z.optional(z.string()),
  /** The topics of the connection's URL that its token does not permit, or the topic patterns that were revoked. */
  topics: z.optional(z.array(z.string())),
  details: z.optional(z.array(faultSchema)),
  /** Time in ms after which a rate-limited frame may be sent again, or after which to connect again. */
  retryAfterMs: z.optional(z.number()),
  /** Whether the server closes the connection, since it went on sending although it was refused. */
  closing: z.optional(z.literal(true)),
});

/**
 * The schema of the details of a member. A change of the state alone has no profile, and `state: null` if the state has
 * ended.
 */
const memberSchema = z.object({
  id: z.string(),
  profile: z.optional(z.unknown()),
  state: z.optional(z.unknown()),
});

/**
 * The schema of `presence`: the members that joined and left a topic, for subscribers with `presence`. The first frames
 * list the members that are there: each has `self`, and all but the last `more: true`. A member is the subject of a
 * token; where the stack does not authenticate, a connection, under a name that reveals nothing about it.
 */
export const presenceFrame = z.object({
  type: z.literal('presence'),
  topic,
  joined: z.array(z.string()),
  left: z.array(z.string()),
  count: z.number(),
  countedAt: z.string(),
  members: z.optional(z.array(memberSchema)),
  self: z.optional(z.string()),
  more: z.optional(z.literal(true)),
});

/** The schema of `members`: states that members of a topic have set or ended, for subscribers with `presence`. */
export const membersFrame = z.object({ type: z.literal('members'), topic, members: z.array(memberSchema) });

/** The schema of `batch`: several frames in one, for subscribers with `batch`. */
const batchFrame = z.object({
  type: z.literal('batch'),
  frames: z.array(z.union([messageFrame, stateFrame, subscribedFrame])),
});

/** The schema of each server frame, by its `type`. */
export const SERVER_FRAMES = {
  message: messageFrame,
  state: stateFrame,
  subscribed: subscribedFrame,
  history: historyFrame,
  presence: presenceFrame,
  members: membersFrame,
  batch: batchFrame,
  ack: ackFrame,
  pong: pongFrame,
  error: errorFrame,
} as const;

/** A `message` frame: one message of a topic. */
export type MessageFrame = z.infer<typeof messageFrame>;
/** A `state` frame: a counter's value. */
export type StateFrame = z.infer<typeof stateFrame>;
/** A `subscribed` frame: the answer of a subscription or a catch-up, or a part of it. */
export type SubscribedFrame = z.infer<typeof subscribedFrame>;
/** A `history` frame: messages before a position, or a part of them. */
export type HistoryFrame = z.infer<typeof historyFrame>;
/** A `presence` frame: changes of a topic's members. */
export type PresenceFrame = z.infer<typeof presenceFrame>;
/** A `members` frame: states of a topic's members. */
export type MembersFrame = z.infer<typeof membersFrame>;
/** The details of a member, as frames have them. */
export type MemberFields = z.infer<typeof memberSchema>;
type BatchFrame = z.infer<typeof batchFrame>;
/** An `ack` frame: the frame with this `id` was carried out. */
export type AckFrame = z.infer<typeof ackFrame>;
/** A `pong` frame: the answer to `ping`. */
export type PongFrame = z.infer<typeof pongFrame>;
/** A fault in a client's frame: `path` is the field, with dots between names; `reason` is for people. */
export interface Fault {
  readonly path: string;
  readonly reason: string;
}

/** An `error` frame: a frame was refused, or could not be carried out. */
export type ErrorFrame = z.infer<typeof errorFrame> & { code: ErrorCode };
/** A frame that the server sends. */
export type ServerFrame =
  | MessageFrame
  | StateFrame
  | SubscribedFrame
  | HistoryFrame
  | PresenceFrame
  | MembersFrame
  | BatchFrame
  | AckFrame
  | PongFrame
  | ErrorFrame;
