import { LIMITS } from '../../protocol/limits.ts';
import type { PresenceFrame } from '../../protocol/server-frames.ts';

type PresenceChange = Omit<PresenceFrame, 'type' | 'countedAt'> & {
  /** Epoch milliseconds. */
  readonly countedAt: number;
};

/** Encodes a `presence` frame, which names up to LIMITS.PRESENCE_MEMBERS members and counts all. */
export function encodePresence({ topic, joined, left, count, countedAt, self }: PresenceChange): string {
  const named = joined.slice(0, LIMITS.PRESENCE_MEMBERS);
  return JSON.stringify({
    type: 'presence',
    topic,
    joined: named,
    left: left.slice(0, LIMITS.PRESENCE_MEMBERS - named.length),
    count,
    countedAt: new Date(countedAt).toISOString(),
    self,
  } satisfies PresenceFrame);
}
