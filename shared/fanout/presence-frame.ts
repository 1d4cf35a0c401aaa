import { createHash } from 'node:crypto';
import { LIMITS } from '../protocol/limits.ts';
import type { PresenceFrame } from '../protocol/server-frames.ts';

/** Characters of a member's name: 72 bits, so that no two of a topic have the same. */
const MEMBER_LENGTH = 12;

/** The name of a connection for others. Whoever knows a connection's id could be taken for it: it cannot be had from this. */
export const memberOf = (connectionId: string): string =>
  createHash('sha256').update(connectionId).digest('base64url').slice(0, MEMBER_LENGTH);

type PresenceChange = Omit<PresenceFrame, 'type' | 'countedAt'> & {
  /** Epoch milliseconds. */
  readonly countedAt: number;
};

/** A `presence` frame that fits one frame: it names so many members, and counts all. */
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
