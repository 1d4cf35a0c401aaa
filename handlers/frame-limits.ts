import { ClientError } from '../shared/errors.ts';
import { isObject } from '../shared/protocol/decode-frame.ts';
import type { RateLimits } from '../shared/rates/rate-limits.ts';
import { BURST_SECONDS, type Rate, type TakeRate } from '../shared/rates/rate-limiter.ts';
import type { FrameWeight } from '../shared/rates/weights.ts';
import { hashOfSubject } from '../shared/store/own-key.ts';
import type { WebSocketEvent } from './web-socket-event.ts';

type Sending = Pick<WebSocketEvent['requestContext'], 'connectionId' | 'authorizer'>;

/** The rate limits of a route. Each function throws ClientError `rate-limited`, with the pause for the client. */
export interface FrameLimits {
  /** Counts a frame at its arrival, before it is parsed: an invalid one counts too. */
  readonly arrived: (sending: Sending) => Promise<void>;
  /** Counts what a decoded frame costs beyond its arrival. */
  readonly decoded: (sending: Sending, weight: FrameWeight) => Promise<void>;
  /** Counts a handshake of a subject, and what its URL asks for as frames. */
  readonly connecting: (sending: Sending, weight: FrameWeight) => Promise<void>;
}

const perSecond = (units: number): Rate => ({ units, periodMs: 1_000, burstMs: BURST_SECONDS * 1_000 });

const perMinute = (units: number): Rate => ({ units, periodMs: 60_000, burstMs: 60_000 });

/** Creates the rate limits of a route. */
export function createFrameLimits(limits: RateLimits, take: TakeRate): FrameLimits {
  const use = createUse(take);
  const ofSubject = createSubjectLimits(limits, take);
  const taken = async (sending: Sending, weight: FrameWeight): Promise<void> => {
    const connection = connectionOf(sending);
    await use('frames', connection, { rate: perSecond(limits.connectionFrames), units: weight.frames });
    await use('publishes', connection, { rate: perSecond(limits.connectionPublishes), units: weight.publishes });
    await ofSubject(subjectOf(sending), weight);
  };
  return {
    arrived: (sending) => taken(sending, { frames: 1, publishes: 0 }),
    decoded: taken,
    connecting: async (sending, weight) => {
      const subject = subjectOf(sending);
      await use('handshakes', holderOf(subject), { rate: perMinute(limits.subjectHandshakes), units: 1 });
      await ofSubject(subject, weight);
    },
  };
}

/** Counts what a subject does, by whatever way. Throws ClientError `rate-limited`. Counts nothing of nobody. */
export type SubjectLimits = (subject: string | undefined, weight: FrameWeight) => Promise<void>;

/** Creates the rate limits of subjects, which frames of the socket and requests by HTTP use up together. */
export function createSubjectLimits(limits: RateLimits, take: TakeRate): SubjectLimits {
  const use = createUse(take);
  return async (subject, { frames, publishes }) => {
    const holder = holderOf(subject);
    await use('frames', holder, { rate: perSecond(limits.subjectFrames), units: frames });
    await use('publishes', holder, { rate: perSecond(limits.subjectPublishes), units: publishes });
  };
}

interface Use {
  readonly rate: Rate;
  readonly units: number;
}

const createUse =
  (take: TakeRate) =>
  async (what: string, holder: string | undefined, { rate, units }: Use): Promise<void> => {
    if (units === 0 || holder === undefined) return;
    const retryAfterMs = await take({ key: `${holder}#${what}`, rate, units });
    if (retryAfterMs > 0) throw tooMany(what, holder, retryAfterMs);
  };

const CONNECTION = 'connection#';

const connectionOf = ({ connectionId }: Sending): string => `${CONNECTION}${connectionId}`;

/** Returns the subject of a connection; undefined where the stack does not authenticate. */
const subjectOf = ({ authorizer }: Sending): string | undefined =>
  isObject(authorizer) && typeof authorizer['sub'] === 'string' ? authorizer['sub'] : undefined;

/** Returns the holder of a subject's rates. */
const holderOf = (subject: string | undefined): string | undefined =>
  subject === undefined ? undefined : `subject#${hashOfSubject(subject)}`;

function tooMany(what: string, holder: string, retryAfterMs: number): ClientError {
  const who = holder.startsWith(CONNECTION) ? 'This connection' : 'The subject of this connection';
  const message = `${who} has reached its limit of ${what}. Try again in ${retryAfterMs} ms.`;
  return new ClientError('rate-limited', message, { retryAfterMs });
}
