import { FANOUT_BOUNDS } from '../fanout/bounds.ts';
import { type Answer, exchange } from './exchange.ts';
import { createPreparedFrames, type PreparedFrame } from './prepared-frames.ts';
import { CallbackPool, type SocketSource } from './socket-pool.ts';
import { createRequestEncoder } from './http-request.ts';
import { type Credentials, createCallbackSigner } from './sigv4.ts';
import type { Patience, Post, PostOutcome } from './post.ts';

export interface CallbackPostDeps {
  /** `https://…/{stage}`: the stage's callback URL. */
  readonly callbackUrl: string;
  readonly region: string;
  /** Asked again about once a second, since credentials expire. */
  readonly credentials: () => Credentials | Promise<Credentials>;
  readonly now: () => number;
  /** What came of a post that is neither delivered, gone nor throttled. */
  readonly onFailure: (connectionId: string, error: unknown) => void;
}

/**
 * Posts to `@connections` over sockets of its own, signed here: a twentieth of what the official client costs
 * (docs/adr/0009-a-post-of-our-own.md). Kept-alive sockets, a bounded pool; a post is repeated at most once, where that can be of use.
 */
export function createCallbackPost(deps: CallbackPostDeps): Post {
  const send = createSend(deps);
  return async (connectionId, frame, patience) => {
    try {
      const answer = await send(connectionId, frame, patience);
      const outcome = outcomeOf(answer);
      if (outcome !== 'delivered' && outcome !== 'gone' && outcome !== 'throttled') {
        deps.onFailure(connectionId, errorOf(answer));
      }
      return outcome;
    } catch (error) {
      // No credentials, or an id that no URL can hold.
      deps.onFailure(connectionId, error);
      return 'failed';
    }
  };
}

type Send = (connectionId: string, frame: string, patience: Patience) => Promise<Answer>;

interface Attempt {
  readonly connectionId: string;
  readonly frame: PreparedFrame;
  readonly patience: Patience;
  readonly sockets: SocketSource;
}

function createSend(deps: CallbackPostDeps): Send {
  const pool = new CallbackPool(deps);
  const encode = createRequestEncoder(deps.callbackUrl);
  const prepare = createPreparedFrames();
  const sign = createCallbackSigner(deps.callbackUrl, deps.region);
  const caller = createCaller(deps);
  const attempt = ({ connectionId, frame, patience, sockets }: Attempt): Promise<Answer> => {
    const start = (credentials: Credentials): Promise<Answer> =>
      exchange(sockets, encode(sign(connectionId, frame, { credentials, nowMs: caller.now() })), patience);
    const known = caller.known();
    return known === undefined ? caller.ask().then(start) : start(known);
  };
  return async (connectionId, text, patience) => {
    const startMs = deps.now();
    const first = { connectionId, frame: prepare(text), patience, sockets: pool };
    const answer = await attempt(first);
    if (!(isBrokenOff(answer) || caller.learnFrom(answer))) return answer;
    const timeoutMs = patience.timeoutMs - (deps.now() - startMs);
    // What has closed one kept-alive connection has most likely closed the others too.
    return timeoutMs > 0 ? attempt({ ...first, patience: { ...patience, timeoutMs }, sockets: pool.anew }) : answer;
  };
}

/**
 * Whether a connection broke before it brought an answer: nearly always a kept-alive one that the other side had closed. The
 * frame may have been delivered all the same; it is sent again all the same, since clients drop what they have by its `seq`.
 */
const isBrokenOff = (answer: Answer): boolean => answer.kind === 'broken' && BROKEN_OFF.has(codeOf(answer.error));

const BROKEN_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

interface Caller {
  /** The credentials, unless it is time to ask for them again. */
  readonly known: () => Credentials | undefined;
  readonly ask: () => Promise<Credentials>;
  /** The endpoint's time, as far as it is known. */
  readonly now: () => number;
  /** Whether an answer says that the clock here is wrong; it is then put right. */
  readonly learnFrom: (answer: Answer) => boolean;
}

/** Who posts, and when. As in the official client, a clock that is wrong by minutes is corrected by what the endpoint says. */
function createCaller({ credentials, now }: CallbackPostDeps): Caller {
  let current: Credentials | undefined;
  let untilMs = 0;
  let skewMs = 0;
  return {
    known: () => (now() < untilMs ? current : undefined),
    ask: async () => {
      current = await credentials();
      untilMs = now() + FANOUT_BOUNDS.CREDENTIALS_MS;
      return current;
    },
    now: () => now() + skewMs,
    learnFrom: (answer) => {
      if (answer.kind !== 'answered' || answer.status !== 403) return false;
      if (!(Math.abs(answer.dateMs - now() - skewMs) >= FANOUT_BOUNDS.CLOCK_SKEW_MS)) return false;
      skewMs = answer.dateMs - now();
      return true;
    },
  };
}

function outcomeOf(answer: Answer): PostOutcome {
  if (answer.kind !== 'answered') return answer.kind === 'silent' ? 'unanswered' : 'failed';
  if (answer.status < 300) return 'delivered';
  return OUTCOMES.get(answer.status) ?? 'failed';
}

const OUTCOMES: ReadonlyMap<number, PostOutcome> = new Map([
  [400, 'refused'],
  [410, 'gone'],
  [413, 'refused'],
  [429, 'throttled'],
]);

function errorOf(answer: Answer): Error {
  if (answer.kind === 'broken') return answer.error;
  if (answer.kind === 'silent') return new Error('The callback endpoint did not answer in time.');
  return new Error(`The callback endpoint answered ${answer.status}: ${answer.text}`);
}
