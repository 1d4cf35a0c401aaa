import { HTTP_BOUNDS } from '../../shared/http-door/http-bounds.ts';
import { TEMPLATE } from './assumptions.ts';

/** The use of AWS by readers that wait by HTTP, each second. */
export interface WaitingReaders {
  /** Gigabyte-seconds of Lambda: a reader that waits takes one execution all the time. */
  readonly gigabyteSeconds: number;
  readonly requests: number;
  /** Read units of DynamoDB: a look is an eventually consistent read of a head, at half a unit for each 4 KB. */
  readonly readUnits: number;
}

/** Time in seconds for which a long poll waits by default. */
const POLL_SECONDS = 20;

const MB_PER_GB = 1_024;
const BYTES_PER_UNIT = 4_096;

/** The bytes of a head beside its message. */
const HEAD_BYTES = 300;

/** Returns what readers use that each follow one topic by long polls. */
export const waitingReaders = (readers: number, messageBytes: number): WaitingReaders => ({
  gigabyteSeconds: (readers * TEMPLATE.ROUTE_MB) / MB_PER_GB,
  requests: readers / POLL_SECONDS,
  readUnits: (readers * (1_000 / HTTP_BOUNDS.LOOK_MS) * Math.ceil((messageBytes + HEAD_BYTES) / BYTES_PER_UNIT)) / 2,
});
