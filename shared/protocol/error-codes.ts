/** The code of an `error` frame. */
export type ErrorCode =
  | 'bad-json'
  | 'bad-frame'
  | 'unknown-action'
  | 'bad-topic'
  | 'bad-data'
  | 'topic-closed'
  | 'too-large'
  | 'too-many-topics'
  | 'out-of-bounds'
  | 'not-subscribed'
  | 'forbidden'
  | 'token-expired'
  | 'revoked'
  | 'rate-limited'
  | 'unavailable';

/** The codes of the `error` frame, each with its meaning. A test requires a row for each in docs/protocol.md. */
export const ERROR_CODES: Readonly<Record<ErrorCode, string>> = {
  'bad-json': 'The frame is not JSON.',
  'bad-frame': 'The frame is JSON, but not a frame of the protocol; `details` names each fault.',
  'unknown-action': 'The protocol has no such `action`.',
  'bad-topic': 'The topic name is invalid, or the topic does not take this action.',
  'bad-data': 'The data does not fit the schema of its topic; `details` names each fault.',
  'topic-closed': 'The topic is closed: nothing more can be published to it.',
  'too-large': 'The frame or its data is over the size limit.',
  'too-many-topics': 'The connection has reached its limit of subscribed topics.',
  'out-of-bounds': 'The counter would leave its bounds; it was not changed.',
  'not-subscribed':
    'A `ping`, a `setPresence`, or a `subscribe` with `before` named a topic that the connection is not subscribed to, or no longer.',
  forbidden: 'The token of this connection does not permit this; `details` names the action.',
  'token-expired': 'The token of this connection has ended. Connect again with a new one.',
  revoked: 'Permissions of this token were revoked; `topics` names the patterns. The connection is closed.',
  'rate-limited':
    'The connection, or all of its subject, sends too much. Nothing was done. Try again after `retryAfterMs`.',
  unavailable: 'The server could not carry out the frame now. Try again; with a `key` it counts once.',
};
