import { decodeItem, type Item } from './attributes.ts';
import { type HistoryRequest, position } from './history-request.ts';
import { flag, listOf, mapOf, optional, type Schema, text, where, wholeNumber } from './item-schema.ts';
import {
  BY_TOPIC,
  CONNECTION_RECORD,
  END_CODE,
  END_RECORD,
  type EndCode,
  PING_RECORD,
  REFUSED_RECORD,
  subjectOfShard,
  SUBSCRIPTIONS,
} from './schema.ts';
import type { ConnectionRef } from './connection-record.ts';
import { CONNECTION, type NewSubscription, type Positions, SORT_KEY, sortKeyOf } from './subscription-record.ts';

/** The catch-up that a change record of the Subscriptions table asks for. */
export type CatchUpRequest =
  | (Requester & NewSubscription & { readonly kind: 'subscription' })
  | (Requester & { readonly kind: 'ping'; readonly positions: Positions })
  /** The connection's token has ended, or the connection floods. */
  | (Requester & { readonly kind: 'end'; readonly code: EndCode })
  | (Requester & { readonly kind: 'refused'; readonly topics: readonly string[] })
  /** The connection's records were deleted although it lives, and it has a list again. */
  | (Requester & { readonly kind: 'listed-again'; readonly subject: string; readonly seen: number })
  | HistoryRequest;

/** A connection that asks. */
interface Requester extends ConnectionRef {
  /** Time in epoch milliseconds at which its token ends. Absent: never. */
  readonly tokenEnd?: number | undefined;
}

const shard = where(wholeNumber, (number) => number >= 0, 'is not the key of a shard');

/** The index key of a shard, decoded to the shard's number. */
const shardOfKey: Schema<number> = (value, attribute) => {
  const key = text(value, attribute);
  return shard(Number(key.slice(key.lastIndexOf('#') + 1)), attribute);
};

const SUBSCRIPTION = {
  ...CONNECTION,
  ...SORT_KEY,
  [BY_TOPIC.partitionKey]: shardOfKey,
  position: optional(position),
  positions: optional(mapOf(position)),
  history: optional(wholeNumber),
  batch: flag,
  unsettled: flag,
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
} as const;

const REFUSED = { ...CONNECTION, refused: listOf(text) } as const;

const PING = {
  ...CONNECTION,
  positions: mapOf(position),
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
} as const;

const END = { ...CONNECTION, [END_CODE]: optional(text) } as const;

const LISTED_AGAIN = {
  ...CONNECTION,
  [BY_TOPIC.partitionKey]: text,
  [SUBSCRIPTIONS.seen]: optional(wholeNumber),
} as const;

/**
 * Decodes the catch-up that a record asks for; undefined for one that asks for none (the list of a new connection).
 * Throws BadRecordError.
 */
export function decodeCatchUpRequest(item: Item): CatchUpRequest | undefined {
  if (item[SUBSCRIPTIONS.request] === undefined) return undefined;
  if (sortKeyOf(item) === PING_RECORD) {
    const { positions, ...connection } = decodeItem(PING, item);
    return { ...connection, kind: 'ping', positions: Object.fromEntries(positions) };
  }
  if (sortKeyOf(item) === REFUSED_RECORD) {
    const { refused, ...connection } = decodeItem(REFUSED, item);
    return { ...connection, kind: 'refused', topics: refused };
  }
  if (sortKeyOf(item) === CONNECTION_RECORD) {
    const { topicShard, seen = 0, ...connection } = decodeItem(LISTED_AGAIN, item);
    return { ...connection, seen, kind: 'listed-again', subject: subjectOfShard(topicShard) };
  }
  if (sortKeyOf(item) === END_RECORD) {
    const { [END_CODE]: code, ...connection } = decodeItem(END, item);
    return { ...connection, kind: 'end', code: code === 'rate-limited' ? code : 'token-expired' };
  }
  const { topicShard, positions, unsettled, batch, ...subscription } = decodeItem(SUBSCRIPTION, item);
  return {
    ...subscription,
    kind: 'subscription',
    shard: topicShard,
    ...(positions === undefined ? {} : { positions: Object.fromEntries(positions) }),
    ...(batch ? { batch } : {}),
    ...(unsettled ? { isUnsettled: true } : {}),
  };
}
