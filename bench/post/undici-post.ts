import { type Dispatcher, Pool } from 'undici';
import {
  CONNECT_TIMEOUT_MS,
  LATE_MS,
  LATE_POSTS,
  outcomeOf,
  POST_CONCURRENCY,
  type Post,
  type PostDeadline,
  type PostDeps,
  type PostOutcome,
} from '../../shared/post/post.ts';
import { CREDENTIALS_MS } from '../../shared/http/kept-credentials.ts';
import { createPreparedFrames } from '../../shared/post/prepared-frames.ts';
import { createPostSigner, type SignedPost } from '../../shared/post/sigv4.ts';

/**
 * Creates a poster as the fast one would be over undici: signed by our signer, with a deadline, lateness and a bounded
 * pool. No post is repeated, which makes no difference where none fails.
 */
export function createUndiciPost(deps: PostDeps): Post {
  const pool = openPool(deps.callbackUrl);
  const prepare = createPreparedFrames();
  const sign = createPostSigner(deps.callbackUrl, deps.region);
  const known = createKnownCredentials(deps);
  return async (connectionId, text, deadline) => {
    const credentials = known.current() ?? (await known.ask());
    const outcome = await exchange(
      pool,
      sign(connectionId, prepare(text), { credentials, nowMs: deps.now() }),
      deadline,
    );
    if (outcome !== 'delivered') deps.onFailure(connectionId, new Error(outcome));
    return outcome;
  };
}

/** Opens a pool with one request at a time on each socket. The deadlines are those of the posts. */
const openPool = (callbackUrl: string): Pool =>
  new Pool(new URL(callbackUrl).origin, {
    connections: POST_CONCURRENCY + LATE_POSTS,
    pipelining: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

function createKnownCredentials({ credentials, now }: PostDeps) {
  let current: Awaited<ReturnType<PostDeps['credentials']>> | undefined;
  let untilMs = 0;
  return {
    current: () => (now() < untilMs ? current : undefined),
    ask: async () => {
      untilMs = now() + CREDENTIALS_MS;
      return (current = await credentials());
    },
  };
}

const exchange = (pool: Pool, post: SignedPost, deadline: PostDeadline): Promise<PostOutcome> =>
  new Promise((resolve) => void pool.dispatch({ method: 'POST', ...post }, new Exchange(deadline, resolve)));

/** A request in flight: one object for each post, as in the fast poster. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #deadline: PostDeadline;
  readonly #resolve: (outcome: PostOutcome) => void;
  #timer: NodeJS.Timeout | undefined;
  #abort: (() => void) | undefined;
  #isOver = false;
  #status = 0;

  constructor(deadline: PostDeadline, resolve: (outcome: PostOutcome) => void) {
    this.#deadline = deadline;
    this.#resolve = resolve;
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    const { timeoutMs, lateMs = LATE_MS, onLate } = this.#deadline;
    this.#timer =
      onLate !== undefined && timeoutMs > lateMs
        ? setTimeout(() => this.#unlessAnswered(() => this.#becomeLate(onLate, timeoutMs - lateMs)), lateMs)
        : setTimeout(() => this.#unlessAnswered(() => this.#abandon()), timeoutMs);
  }

  onHeaders(status: number): boolean {
    if (status >= 200) this.#status = status;
    return true;
  }

  onData(): boolean {
    return true;
  }

  onComplete(): void {
    this.#end(outcomeOf(this.#status));
  }

  onError(): void {
    this.#end('failed');
  }

  #unlessAnswered(conclude: () => void): void {
    setImmediate(() => {
      if (!this.#isOver) conclude();
    });
  }

  #becomeLate(onLate: NonNullable<PostDeadline['onLate']>, leftMs: number): void {
    this.#timer = setTimeout(() => this.#unlessAnswered(() => this.#abandon()), leftMs);
    onLate(() => this.#abandon());
  }

  #abandon(): void {
    this.#end('unanswered');
    this.#abort?.();
  }

  #end(outcome: PostOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve(outcome);
  }
}
