import type { Credentials } from '../http/sigv4.ts';

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

/** Returns the outcome of a status that API Gateway answered with. */
export const outcomeOf = (status: number): PostOutcome =>
  status >= 200 && status < 300 ? 'delivered' : (OUTCOMES.get(status) ?? 'failed');

const OUTCOMES: ReadonlyMap<number, PostOutcome> = new Map([
  [400, 'refused'],
  [410, 'gone'],
  [413, 'refused'],
  [429, 'throttled'],
]);

/** Whether `onFailure` receives the cause of an outcome: only connections that are gone or throttled are ordinary. */
export const isFailure = (outcome: PostOutcome): boolean => !ORDINARY.has(outcome);

const ORDINARY: ReadonlySet<PostOutcome> = new Set(['delivered', 'gone', 'throttled']);

/** The dependencies of a poster. */
export interface PostDeps {
  /** The stage's callback URL: `https://…/{stage}`. */
  readonly callbackUrl: string;
  readonly region: string;
  /** Returns the current credentials. Called at least once a second while posts go out, since credentials expire. */
  readonly credentials: () => Credentials | Promise<Credentials>;
  readonly now: () => number;
  /** Receives the cause of a post that is neither delivered, gone nor throttled. */
  readonly onFailure: (connectionId: string, error: unknown) => void;
}

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
 * (test/unit/shared/post/contract*.test.ts).
 */
export type Post = (connectionId: string, frame: string, deadline: PostDeadline) => Promise<PostOutcome>;
