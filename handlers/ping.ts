import { needsOf } from '../shared/auth/needs.ts';
import { pingFrame } from '../shared/protocol/client-frames.ts';
import { decodeFrame } from '../shared/protocol/decode-frame.ts';
import { weightOf } from '../shared/rates/weights.ts';
import type { PongFrame } from '../shared/protocol/server-frames.ts';
import { frameRoute } from './route.ts';
import { openSubscriptionStore } from './open-stores.ts';

const subscriptions = openSubscriptionStore();

/**
 * Handles `ping`: answers `pong`. Positions are written to one record; its change record makes catch-up send what the
 * client misses. A ping without positions writes nothing.
 */
export const handler = frameRoute({
  name: 'ping',
  decode: (parsed) => decodeFrame(pingFrame, parsed),
  needs: needsOf,
  weigh: weightOf,
  handle: async ({ id, positions = {} }, caller) => {
    if (Object.keys(positions).length > 0) await subscriptions.notePositions(caller, positions);
    return { answer: JSON.stringify({ type: 'pong', ...(id === undefined ? {} : { id }) } satisfies PongFrame) };
  },
});
