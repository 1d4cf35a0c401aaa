import { ASSUMPTIONS } from './assumptions.ts';
import { billOf } from './bill.ts';

/** What is seen of a running stack. */
export interface Rates {
  readonly connections: number;
  readonly publishesPerSecond: number;
  /** Messages to subscribers, each counted once for each of them. */
  readonly deliveriesPerSecond: number;
  readonly messageBytes: number;
}

/** What an hour at these rates costs, in US dollars, by the same price list as `cost`; what is fixed has its share. */
export function hourlyCost({ connections, publishesPerSecond, deliveriesPerSecond, messageBytes }: Rates): number {
  const fanout = publishesPerSecond > 0 ? deliveriesPerSecond / publishesPerSecond : 0;
  const load = { connections, publishesPerSecond, fanout, messageBytes, messagesPerFrame: 1, hoursOnline: 24 } as const;
  return billOf(load).usd / ASSUMPTIONS.HOURS_PER_MONTH;
}
