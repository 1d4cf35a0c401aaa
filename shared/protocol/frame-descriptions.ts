import type { Action } from './client-frames.ts';
import { ERROR_CODES } from './error-codes.ts';
import { LIMITS } from './limits.ts';
import type { SERVER_FRAMES } from './server-frames.ts';
import { DEFAULT_COUNTER, EVERYONE } from './topic.ts';

/** The name of a frame of either direction: the `action` of a client frame, the `type` of a server frame. */
export type FrameName = Action | keyof typeof SERVER_FRAMES;

interface FrameDescription {
  readonly summary: string;
  /** The descriptions of fields whose meaning differs from `FIELD_DESCRIPTIONS`. */
  readonly fields?: Readonly<Record<string, string>>;
}

const codes = Object.entries(ERROR_CODES).map(([code, text]) => `- \`${code}\`: ${text}`);

/**
 * The descriptions of frames in docs/asyncapi.yaml. They are not in the schemas, because every Lambda that validates
 * would carry their text in its bundle.
 */
export const FRAME_DESCRIPTIONS: Readonly<Record<FrameName, FrameDescription>> = {
  subscribe: {
    summary:
      'Subscribes to a topic or a wildcard, or catches up on one already subscribed to. A `subscribed` frame follows.',
    fields: {
      topic: `The name of the topic, or a wildcard: the start of names up to a \`/\` or \`:\`, then \`*\`, of at most ${LIMITS.WILDCARD_SEGMENTS} segments. A wildcard stands for all topics whose names begin so, at any depth; counters are under none.`,
      positions: `With a wildcard only: the client’s positions in topics under it, at most ${LIMITS.POSITIONS}. A \`subscribed\` frame follows for each in which the client is behind.`,
      position: 'The client’s position. Everything after it is sent, or `recovered` is `false`.',
      before:
        'Asks for the `history` messages before this position, of a topic that is already subscribed to. They come in `history` frames instead of an `ack`, and the subscription stays as it is. Requires `history`; not allowed together with `position`, `batch` or `presence`.',
      history: 'The number of last messages to send, or of those before `before`. Ignored if there is a `position`.',
    },
  },
  unsubscribe: {
    summary: 'Ends a subscription.',
    fields: { topic: 'The name of the topic, or the wildcard.' },
  },
  publish: {
    summary: 'Publishes one message or several to a topic.',
    fields: {
      data: 'The message: any JSON. Required unless there are `messages`.',
      messages:
        'Several messages, instead of `data`. They are published all or none, with consecutive seqs; the `ack` has the seq of the last.',
    },
  },
  plus: { summary: 'Adds to a shared counter.' },
  minus: { summary: 'Subtracts from a shared counter.' },
  onMessage: {
    summary: `Publishes a message to \`${EVERYONE}\`, in the classic tutorials’ form.`,
    fields: { message: 'The message: any JSON.' },
  },
  ping: {
    summary:
      'Asks for a `pong`. With `positions`, a `subscribed` frame follows for each topic in which the client is behind.',
  },
  setPresence: {
    summary:
      'Sets the state of the sender’s member in a topic that the connection is subscribed to, at most once a second. Only where the stack authenticates.',
    fields: {
      state: `The state: any JSON, at most ${LIMITS.MEMBER_STATE_BYTES} bytes. \`null\` ends it. It ends with the subscription, too.`,
    },
  },
  message: { summary: 'A message of a topic.' },
  state: {
    summary: 'The new value of a counter. Values in quick succession may be skipped; the last one is always sent.',
  },
  subscribed: {
    summary:
      'The position of a topic, and the messages that the subscriber missed. Messages after this position arrive live.',
    fields: {
      topic: 'The name of the topic, or the wildcard: its frame has the epoch null, and says nothing of a topic.',
      wildcard:
        'The wildcard whose subscription this is for, with the messages that it missed of the topic. Absent: the frame is for the subscription to `topic`.',
      epoch: 'Identifier of the current numbering; null for a topic that nobody has published to yet.',
      value: 'The value of the counter, if the topic is a counter’s.',
    },
  },
  history: {
    summary:
      'The messages before a position, oldest first: the answer to a `subscribe` with `before`. It does not change the position of the subscription.',
    fields: {
      id: 'The `id` of the frame that this answers, if it had one.',
      messages: 'The messages, in order, without a hole. They end right before the position that the request named.',
      before: 'The position before which older messages can be asked for. Absent: there are no older messages.',
      lost: '`true`: older messages existed and cannot be had any more, since they have expired.',
      more: '`true`: more `history` frames of the same answer follow.',
    },
  },
  presence: {
    summary:
      'Members that joined and left a topic, for subscribers with `presence`. The first frames list those who are there.',
    fields: {
      count: 'The number of members at `countedAt`.',
      members: 'The profiles and states of members in `joined`, as far as they have any, and states that have ended.',
      more: '`true`: more frames of the same list follow.',
    },
  },
  members: {
    summary: 'States that members of a topic have set or ended, for subscribers with `presence`.',
    fields: { members: 'The members whose state changed, each with its newest state.' },
  },
  batch: { summary: 'Several frames in one, for subscribers with `batch`.' },
  ack: {
    summary: 'The frame with this `id` was carried out.',
    fields: {
      id: 'The `id` of the frame that this answers.',
      action:
        'The `action` of the frame that this answers. For a frame with `type` instead of `action`: the action that it stands for.',
      topic: 'The topic that was published to, subscribed to or unsubscribed from.',
      counter: 'The counter that was changed.',
      value: 'The value of the counter after the change.',
    },
  },
  pong: { summary: 'The answer to `ping`.', fields: { id: 'The `id` of the `ping`, if it had one.' } },
  error: {
    summary: 'A frame was refused, or could not be carried out. The connection stays open.',
    fields: {
      id: 'The `id` of the frame that this answers. Absent if it had none, or none that could be read.',
      action: `The \`action\` of the frame that this answers, cut to ${LIMITS.ECHO_LENGTH} characters. Absent if it could not be read.`,
      message: 'An explanation for people. Programs use `code`.',
    },
  },
};

/** The descriptions of fields that mean the same in every frame. */
export const FIELD_DESCRIPTIONS: Readonly<Record<string, string>> = {
  action: 'The name of the client’s frame, by which it is routed.',
  type: 'The name of the server’s frame.',
  id: 'An identifier chosen by the client. A frame with an `id` gets exactly one `ack`, `pong` or `error` with the same `id`, or a `history`.',
  topic: 'The name of the topic.',
  counter: `The name of the counter; default \`${DEFAULT_COUNTER}\`. Its topic is \`counter:\` followed by the name.`,
  value: 'The value of the counter.',
  epoch:
    'Identifier of the current numbering. A new one means that `seq` began again; a position of another epoch cannot be recovered.',
  seq: 'The number of the change in its topic: counted from 1, without holes.',
  position: 'A position in a topic: the last change that the client has.',
  batch: 'Allows the server to send several frames in one `batch`.',
  presence: 'Subscribes to `presence` frames: members that join and leave the topic.',
  joined: `Members that joined; in a list those that are there, at most ${LIMITS.PRESENCE_MEMBERS}. A member is the subject of a token; where the stack does not authenticate, a connection.`,
  left: 'Members that left.',
  countedAt: 'The time of `count`: ISO 8601, with milliseconds. Ignore a `count` that is older than the last one seen.',
  self: 'The receiver’s own member; in the frames of a list only.',
  profile: 'The public profile of the member’s token. Absent: none, or a change of the state alone.',
  state: 'The state that the member has set. `null`: it has ended.',
  data: 'The message, as it was published.',
  from: 'The subject of the publisher’s token, set by the server. Absent where the stack does not authenticate.',
  publishedAt: 'The time of the publish: ISO 8601, with milliseconds.',
  key: `An idempotency key. Frames with the same key and topic count once within ${LIMITS.KEY_SECONDS / 60} minutes.`,
  echo: '`false`: the message is not sent to this connection. Default: `true`.',
  by: 'The step; default 1.',
  min: 'The lower bound. A change below it is refused with `out-of-bounds`.',
  max: 'The upper bound. A change above it is refused with `out-of-bounds`.',
  positions: `The client’s positions by topic, at most ${LIMITS.POSITIONS}: topics that it is subscribed to, or that lie under its wildcards.`,
  recovered:
    '`true`: nothing is missing between the client’s position and this one. `false`: something is, and cannot be recovered.',
  messages: 'The messages that the subscriber missed, in order.',
  more: '`true`: more `subscribed` frames of the same answer follow.',
  closed: '`true`: the topic is closed; nothing more can be published to it. Absent: it is open.',
  lastValueOnly:
    '`true`: the topic keeps its newest message only, which is its state. `messages` has it, unless the position is its own; no seq before it is missing.',
  frames: 'The frames, in order.',
  code: `The error for programs:\n${codes.join('\n')}`,
  topics: 'The topics of the connection’s URL that its token does not permit; with `revoked`, the patterns.',
  details: `The faults of the frame, at most ${LIMITS.FAULTS}.`,
  retryAfterMs:
    'With `rate-limited`: time in ms after which the frame may be sent again; with `closing`, after which to connect again.',
  closing: '`true`: the connection went on sending although it was refused, and the server closes it.',
  path: 'The place in the frame: names of fields, joined by dots.',
  reason: 'The fault at `path`.',
};
