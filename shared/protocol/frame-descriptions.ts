import type { Action } from './client-frames.ts';
import { ERROR_CODES } from './error-codes.ts';
import { LIMITS } from './limits.ts';
import type { SERVER_FRAMES } from './server-frames.ts';
import { DEFAULT_COUNTER, EVERYONE } from './topic.ts';

/**
 * What docs/asyncapi.yaml says of each frame and field. Not in the schemas themselves: a description there is code, and
 * every Lambda that validates would carry it.
 */

export type FrameName = Action | keyof typeof SERVER_FRAMES;

interface FrameDescription {
  readonly summary: string;
  /** Of fields that mean something else here than in other frames. */
  readonly fields?: Readonly<Record<string, string>>;
}

const codes = Object.entries(ERROR_CODES).map(([code, text]) => `- \`${code}\`: ${text}`);

export const FRAME_DESCRIPTIONS: Readonly<Record<FrameName, FrameDescription>> = {
  subscribe: {
    summary: 'Subscribes to a topic, or catches up on one already subscribed to. A `subscribed` frame follows.',
    fields: { position: 'Where the client stands: everything after it is wanted.' },
  },
  unsubscribe: { summary: 'Ends a subscription.' },
  publish: {
    summary: 'Publishes a message to a topic, or several at once.',
    fields: {
      data: 'The message: any JSON. Or else `messages`.',
      messages:
        'Several messages, instead of `data`: they get consecutive seqs, and stand together. The `ack` has the last one’s.',
    },
  },
  plus: { summary: 'Adds to a shared counter.' },
  minus: { summary: 'Subtracts from a shared counter.' },
  onMessage: {
    summary: `Publishes a message to \`${EVERYONE}\`, in the form of the classic tutorials.`,
    fields: { message: 'The message: any JSON.' },
  },
  ping: { summary: 'Asks for a `pong`, and with `positions` for whatever the client turns out to be missing.' },
  message: { summary: 'A message that was published to a topic.' },
  state: {
    summary: 'The new value of a counter. Values in quick succession may be left out; the last one is always sent.',
  },
  subscribed: {
    summary: 'Where a topic stands, and what the subscriber missed. Nothing after this position will be missed.',
    fields: {
      epoch: 'Life of the numbering; null for a topic to which nobody has published yet.',
      value: 'Value of the counter, when the topic is a counter’s.',
    },
  },
  presence: {
    summary:
      'Who came to a topic and who left it, for subscribers that asked for it by `presence`; first, who is there.',
    fields: { count: 'How many are subscribed, at `countedAt`.' },
  },
  batch: { summary: 'Several frames in one, for subscribers that asked for it by `batch`.' },
  ack: {
    summary: 'The frame with this `id` was carried out.',
    fields: {
      id: 'The `id` of the frame that this answers.',
      action: 'The `action` of the frame that this answers; of a frame by `type`, the action that it means.',
      topic: 'Topic that was published to, subscribed to or unsubscribed from.',
      counter: 'Counter that was changed.',
      value: 'Value of the counter after the change.',
    },
  },
  pong: { summary: 'The answer to `ping`.', fields: { id: 'The `id` of the ping, when it had one.' } },
  error: {
    summary: 'A frame was refused, or could not be carried out. The connection lives on.',
    fields: {
      id: 'The `id` of the frame that this answers, as far as it could be read.',
      action: 'The `action` of the frame that this answers, as far as it could be read.',
      message: 'A sentence for people. Programs go by the code.',
    },
  },
};

/** Of fields that mean the same in every frame. */
export const FIELD_DESCRIPTIONS: Readonly<Record<string, string>> = {
  action: 'Names the route.',
  type: 'Names the kind of frame.',
  id: 'Chosen by the client. With it the frame is answered by exactly one `ack`, `pong` or `error` with the same `id`.',
  topic: 'Name of the topic.',
  counter: `Name of the counter; \`${DEFAULT_COUNTER}\` unless given. Its topic is \`counter:\` and the name.`,
  value: 'Value of the counter.',
  epoch: 'Life of the numbering. A new one means that `seq` began again, and that nobody can continue from before.',
  seq: 'Position in the topic: counts its changes from 1, without holes.',
  position: 'A position in a topic.',
  history: 'Number of last messages wanted, when there is no position to continue from.',
  batch: 'Several frames may come in one.',
  presence: 'Tell me who comes to the topic and who leaves it.',
  joined: `Members that came; in the first frame those who are there, at most ${LIMITS.PRESENCE_MEMBERS}. A member is a connection, under a name of its own.`,
  left: 'Members that left.',
  countedAt: 'When `count` was right: ISO 8601, with milliseconds. An older count than the last one seen is no news.',
  self: 'The member that the receiver itself is; in the first frame only.',
  data: 'The message, as it was published.',
  publishedAt: 'When it was published: ISO 8601, with milliseconds.',
  key: `The same key counts once in its topic within ${LIMITS.KEY_SECONDS / 60} minutes, however often it is sent.`,
  echo: '`false`: not to this connection.',
  by: 'How much; 1 unless given.',
  min: 'The change is refused, with `out-of-bounds`, if the value would be less than this.',
  max: 'The change is refused, with `out-of-bounds`, if the value would be more than this.',
  positions: `Where the client stands, by topic: at most ${LIMITS.TOPICS_PER_CONNECTION} of them.`,
  recovered: '`false`: something between the client’s position and this one is lost to it.',
  messages: 'What the subscriber missed, in order.',
  more: 'More `subscribed` frames of the same answer follow.',
  frames: 'The frames, in order.',
  code: `What is wrong, for programs:\n${codes.join('\n')}`,
  details: `Each thing that is wrong with the frame, at most ${LIMITS.FAULTS}.`,
  path: 'Where in the frame: names of fields, joined by dots.',
  reason: 'What is wrong there.',
};
