import { type Answer, exchange } from '../http/exchange.ts';
import { bodyOf, headerOf } from '../http/http-answer.ts';
import { type KeptCredentials, keepCredentials } from '../http/kept-credentials.ts';
import type { Credentials } from '../http/sigv4.ts';
import { type HttpLimits, SocketPool, type SocketSource } from '../http/socket-pool.ts';
import { createPreparedFrames, type PreparedFrame } from './prepared-frames.ts';
import { createPostSigner, createRequestEncoder } from './sigv4.ts';
import {
  CONNECT_TIMEOUT_MS,
  isFailure,
  LATE_MS,
  LATE_POSTS,
  outcomeOf,
  POST_CONCURRENCY,
  POST_TIMEOUT_MS,
  type Post,
  type PostDeadline,
  type PostDeps,
  type PostOutcome,
} from './post.ts';

/**
 * Difference in ms between this clock and the `Date` of a 403 from which the clock counts as wrong and is corrected.
 * The official client corrects its clock by every answer, and repeats a 403 from four minutes.
 */
export const CLOCK_SKEW_MS = 300_000;
/**
 * Bytes that are read of one response to a post. A longer response costs its socket; its status counts all the same.
 */
export const ANSWER_BYTES = 16_384;

/** The bounds of posts: a socket for each post and each late post that there may be at once. */
const POST_LIMITS: HttpLimits = {
  sockets: POST_CONCURRENCY + LATE_POSTS,
  connectMs: CONNECT_TIMEOUT_MS,
  socketMs: POST_TIMEOUT_MS,
  answerBytes: ANSWER_BYTES,
};

/**
 * Creates the fast poster: HTTP/1.1 over a bounded pool of kept-alive sockets, signed here, at a twentieth of the CPU
 * of the official client (docs/adr/0009-a-post-of-our-own.md). A post is repeated at most once: after a kept-alive
 * connection broke, or after a 403 that shows a wrong clock.
 */
export function createFastPost(deps: PostDeps): Post {
  const send = createSend(deps);
  return async (connectionId, frame, deadline) => {
    try {
      const answer = await send(connectionId, frame, deadline);
      const outcome = outcomeOfAnswer(answer);
      if (isFailure(outcome)) deps.onFailure(connectionId, errorOf(answer));
      return outcome;
    } catch (error) {
      // There are no credentials, or the id does not fit a URL.
      deps.onFailure(connectionId, error);
      return 'failed';
    }
  };
}

type Send = (connectionId: string, frame: string, deadline: PostDeadline) => Promise<Answer>;

interface Attempt {
  readonly connectionId: string;
  readonly frame: PreparedFrame;
  readonly deadline: PostDeadline;
  readonly sockets: SocketSource;
}

function createSend(deps: PostDeps): Send {
  const pool = new SocketPool({ url: deps.callbackUrl, limits: POST_LIMITS, now: deps.now });
  const encode = createRequestEncoder(deps.callbackUrl);
  const prepare = createPreparedFrames();
  const sign = createPostSigner(deps.callbackUrl, deps.region);
  const caller = createCaller(deps);
  const attempt = ({ connectionId, frame, deadline, sockets }: Attempt): Promise<Answer> => {
    const start = (credentials: Credentials): Promise<Answer> =>
      exchange(sockets, encode(sign(connectionId, frame, { credentials, nowMs: caller.now() })), deadline);
    const known = caller.known();
    return known === undefined ? caller.ask().then(start) : start(known);
  };
  return async (connectionId, text, deadline) => {
    const startMs = deps.now();
    const first = { connectionId, frame: prepare(text), deadline: { lateMs: LATE_MS, ...deadline }, sockets: pool };
    const answer = await attempt(first);
    if (!(isBrokenOff(answer) || caller.learnFrom(answer))) return answer;
    const timeoutMs = deadline.timeoutMs - (deps.now() - startMs);
    // The cause that closed one kept-alive connection has most likely closed the others, too.
    return timeoutMs > 0
      ? attempt({ ...first, deadline: { ...first.deadline, timeoutMs }, sockets: pool.anew })
      : answer;
  };
}

/**
 * Whether a connection broke before an answer: nearly always a kept-alive connection that the other side had closed.
 * The frame may have been delivered all the same, and is sent again: clients drop repeats by their `seq`.
 */
const isBrokenOff = (answer: Answer): boolean => answer.kind === 'broken' && BROKEN_OFF.has(codeOf(answer.error));

const BROKEN_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** The identity and the clock that sign a request. */
interface Caller extends KeptCredentials {
  /** Returns the endpoint's time in epoch ms, as far as it is known. */
  readonly now: () => number;
  /** Returns whether an answer shows that this clock is wrong; the clock is then corrected. */
  readonly learnFrom: (answer: Answer) => boolean;
}

/**
 * Creates the caller. Like the official client, it corrects a clock that is wrong by minutes by the endpoint's `Date`.
 */
function createCaller({ credentials, now }: PostDeps): Caller {
  let skewMs = 0;
  return {
    ...keepCredentials({ credentials, now }),
    now: () => now() + skewMs,
    learnFrom: (answer) => {
      if (answer.kind !== 'answered' || answer.http.status !== 403) return false;
      const dateMs = Date.parse(headerOf(answer.http, 'date'));
      if (!(Math.abs(dateMs - now() - skewMs) >= CLOCK_SKEW_MS)) return false;
      skewMs = dateMs - now();
      return true;
    },
  };
}

function outcomeOfAnswer(answer: Answer): PostOutcome {
  if (answer.kind === 'answered') return outcomeOf(answer.http.status);
  return answer.kind === 'silent' ? 'unanswered' : 'failed';
}

function errorOf(answer: Answer): Error {
  if (answer.kind === 'broken') return answer.error;
  if (answer.kind === 'silent') return new Error('The callback endpoint did not answer in time.');
  const body = bodyOf(answer.http).toString('latin1', 0, ANSWER_BYTES);
  return new Error(`The callback endpoint answered ${answer.http.status}: ${body}`);
}
