import { LIMITS } from '../../shared/protocol/limits.ts';
import { shardsNeeded } from '../../shared/store/topic-shards.ts';
import { ASSUMPTIONS, POST_MS } from './assumptions.ts';
import type { Load } from './load.ts';

/** The work of one Lambda: invocations a second, and the duration of each. */
export interface Work {
  readonly perSecond: number;
  readonly ms: number;
}

/** The traffic that a load causes in a second. */
export interface Traffic {
  readonly messagesPerFrame: number;
  readonly deliveries: number;
  /** Frames with messages, to subscribers. */
  readonly frames: number;
  readonly frameBytes: number;
  /** Connections that begin; as many end. */
  readonly sessions: number;
  readonly pings: number;
  /** Frames from clients: publishes and pings. */
  readonly inbound: number;
  /** Calls of @connections: frames with messages, and answers to subscriptions. */
  readonly posts: number;
  /** The invocations of the broadcast, without those of its workers. */
  readonly broadcast: Work;
  readonly workers: Work;
  readonly catchUp: Work;
  readonly routes: Work;
}

/** Computes the traffic of a load. */
export function trafficOf(load: Load): Traffic {
  const { connections, publishesPerSecond } = load;
  const deliveries = publishesPerSecond * load.fanout;
  const messagesPerFrame = messagesPerFrameOf(load);
  const frames = deliveries / messagesPerFrame;
  const sessions = connections / ASSUMPTIONS.SESSION_SECONDS;
  const subscriptions = sessions * ASSUMPTIONS.SUBSCRIPTIONS_PER_CONNECTION;
  const pings = pingsOf(connections, frames);
  return {
    messagesPerFrame,
    deliveries,
    frames,
    frameBytes: messagesPerFrame * (load.messageBytes + ASSUMPTIONS.ENVELOPE_BYTES),
    sessions,
    pings,
    inbound: publishesPerSecond + pings,
    posts: frames + subscriptions,
    ...fanoutOf(publishesPerSecond / messagesPerFrame, load.fanout),
    catchUp: { perSecond: subscriptions + pings, ms: ASSUMPTIONS.CATCH_UP_MS },
    routes: { perSecond: publishesPerSecond + pings + 2 * sessions, ms: ASSUMPTIONS.ROUTE_MS },
  };
}

/** Returns the messages of one frame: those asked for or gathered, as far as they fit. */
function messagesPerFrameOf({ messagesPerFrame, messageBytes, ...load }: Load): number {
  const fitting = Math.floor(LIMITS.FRAME_BYTES / (messageBytes + ASSUMPTIONS.ENVELOPE_BYTES));
  const perConnection = (load.publishesPerSecond * load.fanout) / load.connections;
  const wanted = messagesPerFrame === 'gathered' ? perConnection * ASSUMPTIONS.GATHER_SECONDS : messagesPerFrame;
  return Math.max(1, Math.min(fitting, wanted));
}

/** Returns the pings a second. A connection pings after quiet time: its probability, if frames come at random. */
const pingsOf = (connections: number, frames: number): number =>
  (connections / ASSUMPTIONS.PING_SECONDS) * Math.exp((-frames / Math.max(1, connections)) * ASSUMPTIONS.PING_SECONDS);

/** Returns the work of a fan-out. Past one shard workers post, while the broadcast waits for them. */
function fanoutOf(perSecond: number, fanout: number): Pick<Traffic, 'broadcast' | 'workers'> {
  const shards = shardsNeeded(fanout, 1);
  if (shards <= 1) return { broadcast: { perSecond, ms: deliveryMs(fanout) }, workers: { perSecond: 0, ms: 0 } };
  const waitMs =
    Math.ceil(shards / ASSUMPTIONS.WORKERS) * deliveryMs(Math.max(ASSUMPTIONS.SHARD_SUBSCRIBERS, fanout / shards));
  return {
    broadcast: { perSecond, ms: ASSUMPTIONS.FANOUT_BASE_MS + waitMs },
    workers: { perSecond: perSecond * shards, ms: deliveryMs(fanout / shards) },
  };
}

const deliveryMs = (subscribers: number): number =>
  ASSUMPTIONS.FANOUT_BASE_MS + subscribers * (ASSUMPTIONS.QUERY_MS_PER_1000 / 1_000 + POST_MS);
