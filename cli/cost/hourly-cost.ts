import { ASSUMPTIONS } from './assumptions.ts';
import { billOf } from './bill.ts';

/** The rates observed in a running stack. */
export interface Rates {
  readonly connections: number;
  readonly publishesPerSecond: number;
  /** Messages to subscribers a second, each counted once for each subscriber. */
  readonly deliveriesPerSecond: number;
  readonly messageBytes: number;
}

/**
 * Computes the cost of an hour at these rates in US dollars, by the price list of `cost`. Fixed costs have their share.
 */
export function hourlyCost({ connections, publishesPerSecond, deliveriesPerSecond, messageBytes }: Rates): number {
  const fanout = publishesPerSecond > 0 ? deliveriesPerSecond / publishesPerSecond : 0;
  const always = { messagesPerFrame: 1, hoursOnline: 24, retentionHours: ASSUMPTIONS.RETENTION_HOURS } as const;
  const load = { connections, publishesPerSecond, fanout, messageBytes, ...always };
  return billOf(load).usd / ASSUMPTIONS.HOURS_PER_MONTH;
}
