import { STORE_BOUNDS } from './bounds.ts';
import { SUBSCRIPTIONS } from './schema.ts';

/** Identifies a connection: API Gateway's id, and when it connected. */
export interface ConnectionRef {
  readonly connectionId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
}

/** Returns the values that every record of a connection has. */
export const recordOf = ({ connectionId, connectedAt }: ConnectionRef, sortKey: string) => ({
  [SUBSCRIPTIONS.partitionKey]: connectionId,
  [SUBSCRIPTIONS.sortKey]: sortKey,
  connectedAt,
  [SUBSCRIPTIONS.ttl]: Math.floor(connectedAt / 1_000) + STORE_BOUNDS.CONNECTION_SECONDS,
});
