import { shardsNeeded } from '../../shared/store/topic-shards.ts';
import { ASSUMPTIONS, POST_MS, TEMPLATE } from './assumptions.ts';
import { busy } from './bill.ts';
import { headWrites, listReads } from './capacity-units.ts';
import type { Load } from './load.ts';
import { type Traffic, trafficOf } from './traffic.ts';

/** A limit of AWS, and a load's share of it. */
export interface Quota {
  readonly name: string;
  /** The scope of the limit. That of a topic assumes that all publishes of the load go to one topic. */
  readonly of: 'account' | 'stage' | 'topic';
  readonly used: number;
  readonly allowed: number;
  /** The share that is used; 1 is all of it. */
  readonly share: number;
  readonly remedy: string;
}

/** The default quotas of an account in a region, as AWS documents them. */
export const AWS_QUOTAS = {
  /** Frames of clients and calls of @connections together, a second. */
  REQUESTS_PER_SECOND: 10_000,
  /** New connections a second. */
  CONNECTIONS_PER_SECOND: 500,
  /** Concurrent invocations of Lambda. */
  LAMBDA_CONCURRENCY: 1_000,
  /** Write units a second of one item, and of one key of an index. */
  WRITE_UNITS_PER_SECOND: 1_000,
  /** Read units a second of one item, and of one key of an index. */
  READ_UNITS_PER_SECOND: 3_000,
} as const;

/** Returns the load's average share of each quota, the largest first. */
export function quotasOf(load: Load): readonly Quota[] {
  const traffic = trafficOf(load);
  return [...ofAccount(load, traffic), ...ofRoutes(load, traffic), ...ofTopic(load, traffic)]
    .map((row) => ({ ...row, share: row.used / row.allowed }))
    .toSorted((a, b) => b.share - a.share);
}

type QuotaRow = Omit<Quota, 'share'>;

const RAISE = 'raise framesPerSecond to half of the account’s quota: each route has a fixed share of it.';

/** Returns the use of the routes' rates: API Gateway refuses a frame over the rate of its route. */
const ofRoutes = ({ publishesPerSecond }: Load, { pings }: Traffic): readonly QuotaRow[] => [
  {
    name: 'Frames/s of the route publish',
    of: 'stage',
    used: publishesPerSecond,
    allowed: TEMPLATE.ROUTE_RATES.publish,
    remedy: `Publish several messages a frame (the client library does, under load), or ${RAISE}`,
  },
  {
    name: 'Frames/s of the route ping',
    of: 'stage',
    used: pings,
    allowed: TEMPLATE.ROUTE_RATES.ping,
    remedy: `Have the account’s quota raised, and ${RAISE}`,
  },
];

function ofAccount(
  load: Load,
  { posts, inbound, sessions, routes, broadcast, workers, catchUp }: Traffic,
): readonly QuotaRow[] {
  return [
    {
      name: 'API Gateway requests/s: frames in and posts out',
      of: 'account',
      used: inbound + posts,
      allowed: AWS_QUOTAS.REQUESTS_PER_SECOND,
      remedy: 'Ask for a higher account throttle; let clients ask for batches; use several accounts or regions.',
    },
    {
      name: 'New connections/s',
      of: 'account',
      used: sessions,
      allowed: Math.min(AWS_QUOTAS.CONNECTIONS_PER_SECOND, TEMPLATE.ROUTE_RATES.$connect),
      remedy:
        'Ask for a higher quota, and raise framesPerSecond for the route $connect; after an outage all clients return at this rate.',
    },
    {
      name: 'Lambda, running at once',
      of: 'account',
      used: [routes, broadcast, workers, catchUp].reduce((sum, work) => sum + busy(work), load.longPolls ?? 0),
      allowed: AWS_QUOTAS.LAMBDA_CONCURRENCY,
      remedy: 'Ask for a higher concurrency; each reader by HTTP that waits takes one.',
    },
  ];
}

const ofTopic = (load: Load, { broadcast }: Traffic): readonly QuotaRow[] => [
  {
    name: 'Writes/s of the head',
    of: 'topic',
    used: load.publishesPerSecond * headWrites(load),
    allowed: AWS_QUOTAS.WRITE_UNITS_PER_SECOND,
    remedy: 'Not adjustable: spread over several topics.',
  },
  {
    name: 'Reads/s of one shard of the index',
    of: 'topic',
    used: broadcast.perSecond * listReads(Math.min(load.fanout, ASSUMPTIONS.SHARD_SUBSCRIBERS)),
    allowed: AWS_QUOTAS.READ_UNITS_PER_SECOND,
    remedy: 'Not adjustable: batches divide it, several topics spread it.',
  },
  {
    name: 'Fan-out: seconds of posting in a second',
    of: 'topic',
    used: broadcast.perSecond * postingSeconds(load.fanout),
    allowed: 1,
    remedy: 'Batches, or several topics: the next message of a topic goes out when the last one has.',
  },
];

/**
 * Returns the seconds of posting for one message. When messages queue, an invocation does all other work once for many.
 */
function postingSeconds(fanout: number): number {
  const shards = shardsNeeded(fanout, 1);
  return (Math.ceil(shards / ASSUMPTIONS.WORKERS) * (fanout / shards) * POST_MS) / 1_000;
}
