import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { runBounded } from '../run-bounded.ts';
import { decodeItem, type Item } from './attributes.ts';
import { optional, text, wholeNumber } from './item-schema.ts';
import { SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { keyOf } from './subscription-record.ts';

/** Number of items of one BatchGetItem, DynamoDB's own limit. More items take several calls. */
const BATCH_GET_ITEMS = 100;
/** Number of BatchGetItem calls in flight at once for one list of members. Further calls wait. */
const BATCH_GET_CONCURRENCY = 4;
/** Number of attempts to read items that a BatchGetItem left unprocessed. After the last one they are left out. */
const BATCH_GET_ATTEMPTS = 6;
/** Base in ms of the backoff between these attempts: full jitter up to it, doubled with each attempt. */
const BATCH_GET_BACKOFF_MS = 25;

/** The details of a member in a subscription's record. */
export interface MemberDetails {
  /** The public profile of the subject, as JSON. Absent: none. */
  readonly profile?: string | undefined;
  /** The state that was set by this connection, as JSON. Absent: none. */
  readonly state?: string | undefined;
  /** Time in epoch milliseconds at which the state was set or ended. Absent: never. */
  readonly statedAt?: number | undefined;
}

const DETAILS = {
  [SUBSCRIPTIONS.profile]: optional(text),
  [SUBSCRIPTIONS.state]: optional(text),
  [SUBSCRIPTIONS.statedAt]: optional(wholeNumber),
} as const;

/** Decodes the details of a member in the record of a subscription. Throws BadRecordError. */
export function decodeDetails(item: Item): MemberDetails {
  const { [SUBSCRIPTIONS.state]: state, ...details } = decodeItem(DETAILS, item);
  return { ...details, ...(state === undefined ? {} : { state }) };
}

/**
 * Reads the details of members by the connections of a topic, eventually consistent. A connection without a record, or
 * whose record could not be read in time, is left out. Costs half a read unit for each started 4 KB of each record.
 */
export async function readDetails(
  deps: SubscriberStoreDeps,
  topic: string,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, MemberDetails>> {
  const calls = Math.ceil(connectionIds.length / BATCH_GET_ITEMS);
  const starts = Array.from({ length: calls }, (_, call) => call * BATCH_GET_ITEMS);
  const items = await runBounded(starts, BATCH_GET_CONCURRENCY, (start) =>
    getItems(
      deps,
      connectionIds.slice(start, start + BATCH_GET_ITEMS).map((connectionId) => keyOf(connectionId, topic)),
    ),
  );
  return new Map(items.flat().map((item) => [connectionIdOf(item), decodeDetails(item)]));
}

const connectionIdOf = (item: Item): string =>
  decodeItem({ [SUBSCRIPTIONS.partitionKey]: text }, item)[SUBSCRIPTIONS.partitionKey];

const READ = [SUBSCRIPTIONS.partitionKey, SUBSCRIPTIONS.profile, SUBSCRIPTIONS.state, SUBSCRIPTIONS.statedAt] as const;

async function getItems(
  { client, table }: SubscriberStoreDeps,
  keys: readonly ReturnType<typeof keyOf>[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let left = [...keys];
  for (let attempt = 1; left.length > 0 && attempt <= BATCH_GET_ATTEMPTS; attempt++) {
    if (attempt > 1) await backOff(attempt - 1, { baseMs: BATCH_GET_BACKOFF_MS, capMs: 1_000 });
    const names = Object.fromEntries(READ.map((name) => [`#${name}`, name]));
    const request = {
      Keys: left,
      ProjectionExpression: Object.keys(names).join(', '),
      ExpressionAttributeNames: names,
    };
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: request } }),
    );
    for (const item of Responses?.[table] ?? []) found.push(item);
    left = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}
