import type { Parameters } from './parameters.ts';

/** The simulated figures of many subscribers that connect at the same time. */
export interface Storm {
  readonly subscribers: number;
  readonly connectionsPerSecond: number;
  readonly seconds: number;
  readonly binds: string;
}

/** Writes of one connection: its list, two default subscriptions and one more, and these three in the index. */
const WRITES_PER_CONNECTION = 7;

/**
 * Simulates subscribers that all connect and subscribe to one topic at the same time. The default topics have as many.
 */
export function subscribeStorm(parameters: Parameters, subscribers: number, connectionsPerSecond: number): Storm {
  const oneKey = parameters.writeUnitsPerSecond;
  const table = parameters.tableWriteUnitsPerSecond / WRITES_PER_CONNECTION;
  // Until a topic has grown, all its subscriptions are written under one key; after that the newest shards share them.
  const ceilings = [
    { binds: 'new connections/s of the account', perSecond: connectionsPerSecond },
    { binds: 'writes of the table, until it has been as busy before', perSecond: table },
    { binds: 'writes of one key of the index', perSecond: oneKey },
  ];
  const [first] = ceilings.toSorted((a, b) => a.perSecond - b.perSecond);
  if (first === undefined) throw new Error('There is no limit to compare.');
  return { subscribers, connectionsPerSecond, seconds: subscribers / first.perSecond, binds: first.binds };
}
