/**
 * Number of connections that one invocation posts to at once; late posts come on top (`LATE_POSTS`).
 * @limit operator
 */
export const POST_CONCURRENCY = 64;
/**
 * Number of late posts that may wait for an answer beside the others. The pool has a socket for each, beside
 * `POST_CONCURRENCY`.
 */
export const LATE_POSTS = 64;
/**
 * Deadline of one post in ms, from the moment when it has a socket. Past it the post counts as unanswered.
 * @limit operator
 */
export const POST_TIMEOUT_MS = 1_000;
/**
 * Time in ms without an answer after which a post is late where answers are quick, and lets the next post take its
 * place.
 */
export const LATE_MS = 100;
/**
 * Deadline in ms for opening a connection to the callback endpoint. The deadline is shorter than `POST_TIMEOUT_MS`, so
 * that an endpoint that is down and a connection that is slow can be distinguished.
 */
export const CONNECT_TIMEOUT_MS = 500;

/**
 * The outcome of one PostToConnection.
 * - `gone`: 410, the connection has ended, or its handshake is still in flight.
 * - `throttled`: 429, which also means that this client's buffer is full.
 * - `unanswered`: no answer before the deadline, which may be this connection's fault.
 * - `refused`: 400 or 413; the frame would never be taken.
 * - `failed`: 5xx, 403 or a broken connection: the endpoint's fault, whatever the recipient.
 *
 * @see
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export type PostOutcome = 'delivered' | 'gone' | 'throttled' | 'unanswered' | 'refused' | 'failed';

/** The time that a post waits for its answer. */
export interface PostDeadline {
  readonly timeoutMs: number;
  /** Time in ms without an answer after which the post is late; LATE_MS by default. */
  readonly lateMs?: number;
  /** Receives, when the post is late, a function that ends it at once as unanswered. */
  readonly onLate?: (abandon: () => void) => void;
}

/**
 * Posts one frame to one connection. Never rejects. Every poster behind this port answers for the same contract
 * (test/unit/shared/post/contract.test.ts).
 */
export type Post = (connectionId: string, frame: string, deadline: PostDeadline) => Promise<PostOutcome>;
