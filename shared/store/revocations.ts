import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { mapOf, optional, text, wholeNumber } from './item-schema.ts';
import { query } from './query.ts';
import {
  BY_TOPIC,
  REVOKED_PREFIX,
  REVOKED_RECORD,
  REVOKED_SHARD,
  revocationKey,
  subjectShard,
  SUBSCRIPTIONS,
} from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import type { ConnectionRef } from './connection-record.ts';
import { CONNECTION } from './subscription-record.ts';

/**
 * Number of times that a change of a subject's revocations is tried, 20, beside other operators' changes. A sweep that
 * is put off changes the item too, a few times a second for six seconds.
 */
const ATTEMPTS = 20;

/** The dependencies of changing revocations. */
export interface RevocationStoreDeps extends SubscriberStoreDeps {
  readonly now: () => number;
  /** Returns a stamp, new each time. */
  readonly newStamp: () => string;
}

/** The revocations of one subject, in one item. */
export interface Revocations {
  readonly subject: string;
  /** Time in epoch milliseconds until which each topic pattern is revoked, by pattern. `*` revokes everything. */
  readonly patterns: ReadonlyMap<string, number>;
  /** A number that goes up with each revocation. A connection that was let in under a lower one has to end. */
  readonly version: number;
  /** The stamp of the newest write that asks for a sweep. */
  readonly request: string;
  /** The number of sweeps that were made since the newest revocation. */
  readonly sweeps: number;
  /** Time in epoch milliseconds at which the next sweep is due. Undefined: at once. */
  readonly dueAt?: number | undefined;
}

/** A pattern that is revoked for a subject until a time in epoch milliseconds. */
export interface Revocation {
  readonly subject: string;
  readonly pattern: string;
  readonly until: number;
}

const REVOCATIONS = {
  [SUBSCRIPTIONS.partitionKey]: text,
  patterns: mapOf(wholeNumber),
  version: wholeNumber,
  [SUBSCRIPTIONS.request]: text,
  sweeps: optional(wholeNumber),
  dueAt: optional(wholeNumber),
} as const;

/** Whether a change record or an item holds the revocations of a subject. */
export const isRevocations = (item: Item): boolean => item[SUBSCRIPTIONS.sortKey]?.S === REVOKED_RECORD;

/** Decodes the revocations of a subject. Throws BadRecordError. */
export function decodeRevocations(item: Item): Revocations {
  const { connectionId, sweeps = 0, ...rest } = decodeItem(REVOCATIONS, item);
  return { ...rest, sweeps, subject: connectionId.slice(REVOKED_PREFIX.length) };
}

/** Reads the revocations of a subject, strongly consistent. Undefined when there were none of late. */
export async function findRevocations(
  { client, table }: SubscriberStoreDeps,
  subject: string,
): Promise<Revocations | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: encodeItem(revocationKey(subject)), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : decodeRevocations(Item);
}

/**
 * Revokes a pattern for a subject until a time. The change record makes the catch-up Lambda end the subject's
 * connections; the authorizer reads the item at each handshake.
 */
export const revoke = (deps: RevocationStoreDeps, { subject, pattern, until }: Revocation): Promise<void> =>
  change(deps, subject, { next: (patterns) => new Map(patterns).set(pattern, until), isNew: true });

/**
 * Lifts a revocation, or all of a subject's without a pattern. Connections have the permission again from their next
 * handshake on. Resolves to the patterns that were lifted: an expired one is not among them.
 */
export async function lift(deps: RevocationStoreDeps, subject: string, pattern?: string): Promise<readonly string[]> {
  const before = await findRevocations(deps, subject);
  const held = [...(before?.patterns ?? [])].filter(([, until]) => until > deps.now());
  const lifted = held.map(([each]) => each).filter((each) => pattern === undefined || each === pattern);
  if (lifted.length === 0) return [];
  const next = (patterns: Patterns): Patterns => new Map([...patterns].filter(([each]) => !lifted.includes(each)));
  await change(deps, subject, { next, isNew: false });
  return lifted;
}

/** Lists all revocations that still hold, by subject. */
export async function* listRevocations(deps: RevocationStoreDeps): AsyncGenerator<Revocation> {
  const rows = query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: encodeItem({ ':shard': REVOKED_SHARD }),
  });
  for await (const row of rows) {
    const { connectionId } = decodeItem({ connectionId: text }, row);
    const found = await findRevocations(deps, connectionId.slice(REVOKED_PREFIX.length));
    for (const [pattern, until] of found?.patterns ?? []) {
      if (found !== undefined && until > deps.now()) yield { subject: found.subject, pattern, until };
    }
  }
}

/** Asks for one more sweep, due at a time in epoch milliseconds, unless a newer revocation has asked for its own. */
export const sweepAgain = (deps: RevocationStoreDeps, revocations: Revocations, dueAt: number): Promise<void> =>
  requestSweep(deps, revocations.request, { ...revocations, sweeps: revocations.sweeps + 1, dueAt });

/** Asks for all sweeps of a revocation once more, unless a newer one has asked for its own. */
export const sweepAnew = (deps: RevocationStoreDeps, revocations: Revocations): Promise<void> =>
  requestSweep(deps, revocations.request, { ...revocations, sweeps: 0, dueAt: undefined });

/** Asks for the same sweep by a later change record, unless a newer revocation has asked for its own. */
export const putOffSweep = (deps: RevocationStoreDeps, revocations: Revocations): Promise<void> =>
  requestSweep(deps, revocations.request, revocations);

async function requestSweep(deps: RevocationStoreDeps, request: string, next: Revocations): Promise<void> {
  const { subject, sweeps, dueAt = 0 } = next;
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: encodeItem(revocationKey(subject)),
    UpdateExpression: 'SET #request = :stamp, sweeps = :sweeps, dueAt = :dueAt',
    ConditionExpression: '#request = :request',
    ExpressionAttributeNames: { '#request': SUBSCRIPTIONS.request },
    ExpressionAttributeValues: encodeItem({
      ':stamp': deps.newStamp(),
      ':request': request,
      ':sweeps': sweeps,
      ':dueAt': dueAt,
    }),
  });
  await unlessChanged(deps.client.send(update));
}

/** A connection of a subject, as the index shows it. */
export interface SubjectConnection extends ConnectionRef {
  /** The version of the subject's revocations at its handshake. */
  readonly seen: number;
}

/** Lists the connections of a subject, as the index shows them. */
export async function* listConnectionsOf(
  { client, table }: SubscriberStoreDeps,
  subject: string,
): AsyncGenerator<SubjectConnection> {
  const rows = query(client, {
    TableName: table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: encodeItem({ ':shard': subjectShard(subject) }),
  });
  for await (const row of rows) {
    const { seen = 0, ...connection } = decodeItem({ ...CONNECTION, [SUBSCRIPTIONS.seen]: optional(wholeNumber) }, row);
    yield { ...connection, seen };
  }
}

type Patterns = ReadonlyMap<string, number>;

interface Change {
  readonly next: (patterns: Patterns) => Patterns;
  /** Whether the connections of the subject have to end. */
  readonly isNew: boolean;
}

/** Replaces the patterns of a subject: reads the item, and writes it unless it has changed meanwhile. */
async function change(deps: RevocationStoreDeps, subject: string, { next, isNew }: Change): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await findRevocations(deps, subject);
    const held = [...(before?.patterns ?? [])].filter(([, until]) => until > deps.now());
    if (await replace(deps, { subject, before, patterns: next(new Map(held)), isNew })) return;
  }
  throw new Error(`The revocations of ${subject} are being changed by others. Try again.`);
}

interface Replacement extends Pick<Change, 'isNew'> {
  readonly subject: string;
  readonly before: Revocations | undefined;
  readonly patterns: Patterns;
}

async function replace(deps: RevocationStoreDeps, { subject, before, patterns, isNew }: Replacement): Promise<boolean> {
  const condition =
    before === undefined
      ? { ConditionExpression: 'attribute_not_exists(patterns)' }
      : {
          ConditionExpression: 'version = :version AND #request = :request',
          ExpressionAttributeNames: { '#request': SUBSCRIPTIONS.request },
          ExpressionAttributeValues: encodeItem({ ':version': before.version, ':request': before.request }),
        };
  // Nothing to lift: the item has expired meanwhile.
  if (before === undefined && patterns.size === 0) return true;
  const Item = encodeItem({
    ...revocationKey(subject),
    [BY_TOPIC.partitionKey]: REVOKED_SHARD,
    patterns,
    // Higher than any before. After an item that has expired, no connection has seen one.
    version: isNew ? Math.max((before?.version ?? 0) + 1, deps.now()) : before?.version,
    [SUBSCRIPTIONS.request]: isNew ? deps.newStamp() : before?.request,
    // The version outlives the patterns: a connection that has seen it may live for as long as any can.
    [SUBSCRIPTIONS.ttl]:
      Math.ceil(Math.max(deps.now(), ...patterns.values()) / 1_000) + STORE_BOUNDS.CONNECTION_SECONDS,
  });
  return unlessChanged(deps.client.send(new PutItemCommand({ TableName: deps.table, Item, ...condition })));
}

/** Resolves to whether the write was made: false if its condition failed. */
async function unlessChanged(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
