import { ASSUMPTIONS } from './assumptions.ts';
import type { Load } from './load.ts';
import type { Traffic } from './traffic.ts';

const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;
/** A connection's list, its subscriptions, and these in the index: written once and deleted once. */
const WRITES_PER_SESSION = 2 * (1 + 2 * ASSUMPTIONS.SUBSCRIPTIONS_PER_CONNECTION);
/** Eventually consistent: half a unit each for the index and the archive. */
const CATCH_UP_READS = 1;

/** Write units of one change of a topic's head. */
export const headWrites = ({ messageBytes }: Load): number =>
  Math.ceil((messageBytes + ASSUMPTIONS.HEAD_BYTES) / WRITE_UNIT_BYTES);

/** Read units to list the subscribers of one topic: the index is read eventually consistent, so at half the price. */
export const listReads = (subscribers: number): number =>
  Math.ceil((subscribers * ASSUMPTIONS.INDEX_ITEM_BYTES) / READ_UNIT_BYTES) / 2;

/** Write units a second: heads and archive, subscriptions with the index, pings. */
export const writeUnits = (load: Load, { sessions, pings }: Traffic): number =>
  2 * headWrites(load) * load.publishesPerSecond + sessions * WRITES_PER_SESSION + pings;

/** Read units a second: who is subscribed, and what a catch-up looks at. */
export function readUnits(load: Load, { broadcast, catchUp, sessions, pings }: Traffic): number {
  const headReads = Math.ceil((load.messageBytes + ASSUMPTIONS.HEAD_BYTES) / READ_UNIT_BYTES);
  const caughtUp = catchUp.perSecond * headReads + (catchUp.perSecond - pings) * CATCH_UP_READS;
  return broadcast.perSecond * listReads(load.fanout) + caughtUp + sessions;
}

/** Bytes that the tables hold. */
export function storedBytes({ connections, messageBytes, publishesPerSecond, hoursOnline }: Load): number {
  const kept = publishesPerSecond * 3_600 * Math.min(hoursOnline, ASSUMPTIONS.RETENTION_HOURS);
  return kept * (messageBytes + ASSUMPTIONS.HEAD_BYTES) + connections * ASSUMPTIONS.CONNECTION_RECORDS_BYTES;
}
