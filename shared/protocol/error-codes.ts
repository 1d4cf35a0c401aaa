/**
 * Every code that an `error` frame can carry, with what it tells the client. docs/protocol.md has a row for each; a
 * test holds the two together.
 */
export const ERROR_CODES = {
  'bad-json': 'The frame is not JSON.',
  'bad-frame': 'The frame is JSON, but not one of the protocol; `details` names each fault.',
  'unknown-action': 'No route has this `action`.',
  'bad-topic': 'The name is not one of a topic, or the topic does not take this action.',
  'too-large': 'The frame, or its `data`, is over the limit.',
  'too-many-topics': 'The connection is subscribed to as many topics as it may be.',
  'out-of-bounds': 'The counter would leave its bounds; it was not changed.',
  'not-subscribed': 'A ping named the position of a topic that the connection is not subscribed to, or not any more.',
  forbidden: 'The connection may not do this.',
  unavailable: 'The server could not do it now. Try again; with a `key` it counts once.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
