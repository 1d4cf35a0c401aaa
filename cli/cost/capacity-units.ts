import { ASSUMPTIONS } from './assumptions.ts';
import type { Load } from './load.ts';
import type { Traffic } from './traffic.ts';

const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;
const HOURS_PER_DAY = 24;
/** The writes of a session: its list, its subscriptions, and their index rows, each written once and deleted once. */
const WRITES_PER_SESSION = 2 * (1 + 2 * ASSUMPTIONS.SUBSCRIPTIONS_PER_CONNECTION);
/** The read units of a catch-up: half a unit each for the index and the archive, eventually consistent. */
const CATCH_UP_READS = 1;

/** Returns the write units of one change of a topic's head. */
export const headWrites = ({ messageBytes }: Load): number =>
  Math.ceil((messageBytes + ASSUMPTIONS.HEAD_BYTES) / WRITE_UNIT_BYTES);

/** Returns the read units to list the subscribers of one topic. Eventually consistent reads of the index count half. */
export const listReads = (subscribers: number): number =>
  Math.ceil((subscribers * ASSUMPTIONS.INDEX_ITEM_BYTES) / READ_UNIT_BYTES) / 2;

/** Returns the write units a second: heads and archive, subscriptions with their index rows, pings. */
export const writeUnits = (load: Load, { sessions, pings }: Traffic): number =>
  (load.retentionHours === 0 ? 1 : 2) * headWrites(load) * load.publishesPerSecond +
  sessions * WRITES_PER_SESSION +
  pings;

/** Returns the read units a second: the lists of subscribers, and the reads of catch-ups. */
export function readUnits(load: Load, { broadcast, catchUp, sessions, pings }: Traffic): number {
  const headReads = Math.ceil((load.messageBytes + ASSUMPTIONS.HEAD_BYTES) / READ_UNIT_BYTES);
  const caughtUp = catchUp.perSecond * headReads + (catchUp.perSecond - pings) * CATCH_UP_READS;
  return broadcast.perSecond * listReads(load.fanout) + caughtUp + sessions;
}

/** Returns the bytes that the tables hold. */
export function storedBytes(load: Load): number {
  const { connections, messageBytes, publishesPerSecond, hoursOnline, retentionHours } = load;
  const [days, hours] = [Math.floor(retentionHours / HOURS_PER_DAY), retentionHours % HOURS_PER_DAY];
  const kept = publishesPerSecond * 3_600 * (days * hoursOnline + Math.min(hoursOnline, hours));
  return kept * (messageBytes + ASSUMPTIONS.HEAD_BYTES) + connections * ASSUMPTIONS.CONNECTION_RECORDS_BYTES;
}
