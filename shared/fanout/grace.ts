import { FANOUT_BOUNDS } from './bounds.ts';

/** Whether a 410 of this connection means that it has ended, and not that its handshake is still under way. */
export const isPastGrace = (connectedAt: number, nowMs: number): boolean =>
  nowMs - connectedAt > FANOUT_BOUNDS.CONNECT_GRACE_MS;
