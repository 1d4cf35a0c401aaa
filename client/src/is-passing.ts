import type { ErrorFrame } from '../../shared/protocol/server-frames.ts';

/**
 * Whether the same request may be sent again: nothing was done of a `rate-limited` one, with a key or without. A
 * history may be asked for while the topic is subscribed to again.
 */
export const isPassing = ({ code }: ErrorFrame, isRepeatable: boolean): boolean =>
  code === 'rate-limited' || (isRepeatable && (code === 'unavailable' || code === 'not-subscribed'));
