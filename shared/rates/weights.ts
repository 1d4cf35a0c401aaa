import type { ClientFrame, SubscribeFrame } from '../protocol/client-frames.ts';

/** Number of last messages that count as one frame more when a `subscribe` asks for them. */
const MESSAGES_PER_FRAME = 25;

/** Number of positions that count as one frame more when a frame has them: each may cause a catch-up. */
const POSITIONS_PER_FRAME = 10;

/** Number of frames more that a `subscribe` with `presence` counts as: its answer lists up to 1,000 members. */
const PRESENCE_FRAMES = 4;

/** The units that a decoded frame takes of its holders' rates. */
export interface FrameWeight {
  /** Number of frames that the frame counts as, beyond the one that was counted at its arrival. */
  readonly frames: number;
  /** Number of messages that the frame publishes. */
  readonly publishes: number;
}

/** The weight of a frame that costs no more than its arrival. */
export const NO_WEIGHT: FrameWeight = { frames: 0, publishes: 0 };

/** Returns the weight of a client's frame: of its recoveries, and of each message that it publishes. */
export function weightOf(frame: ClientFrame): FrameWeight {
  switch (frame.action) {
    case 'publish':
      return { frames: 0, publishes: frame.messages?.length ?? 1 };
    case 'onMessage':
    case 'plus':
    case 'minus':
      return { frames: 0, publishes: 1 };
    case 'ping':
      return weightOfPositions(Object.keys(frame.positions ?? {}).length);
    case 'subscribe':
      return { frames: extraFramesOf(frame), publishes: 0 };
    case 'unsubscribe':
    case 'setPresence':
      return NO_WEIGHT;
  }
}

/** Returns the weight of a number of positions, in a frame or in the URL of a handshake. */
export const weightOfPositions = (count: number): FrameWeight => ({
  frames: Math.ceil(count / POSITIONS_PER_FRAME),
  publishes: 0,
});

function extraFramesOf({ history = 0, position, positions = {}, presence }: SubscribeFrame): number {
  const recovery = (position === undefined ? 0 : 1) + weightOfPositions(Object.keys(positions).length).frames;
  return recovery + Math.ceil(history / MESSAGES_PER_FRAME) + (presence === true ? PRESENCE_FRAMES : 0);
}
