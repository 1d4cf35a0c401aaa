import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { runBounded } from '../run-bounded.ts';
import { decodeItem, encodeItem, type Item, type RecordChange } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { flag, optional, text, wholeNumber } from './item-schema.ts';
import { query } from './query.ts';
import { AWAY_CLOCK, AWAY_PREFIX, awayPartition, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { keyOf } from './subscription-record.ts';

/** Number of writes for one topic's members that are in flight at once. */
const WRITE_CONCURRENCY = 16;
/** Life in seconds of these records, if nothing settles them. DynamoDB deletes them after it. */
const AWAY_SECONDS = 3_600;

/** A member of a topic whose connection has ended, and who may come back. */
export interface AwayMember {
  readonly subject: string;
  /** Time in epoch milliseconds at which the end was seen. */
  readonly sinceMs: number;
  /** The public profile, as JSON. Absent: none. */
  readonly profile?: string | undefined;
  /** Whether the ended connection had set a state, which has ended with it. */
  readonly isStated: boolean;
}

/** A member that is away, as its record shows it. */
export interface AwayRecord extends AwayMember {
  /** Whether a new connection of the member was seen. */
  readonly isBack: boolean;
  /** Whether its leave was decided. */
  readonly isGone: boolean;
}

/** The clock of a topic of which members are away: it is time to look whether they are back. */
export interface AwayCheck {
  readonly kind: 'due';
  readonly topic: string;
  /** The stamp of the clock. A clock with another one has been set since. */
  readonly stamp: string;
}

/** The dependencies of the records of members that are away. */
export interface AwayStoreDeps extends SubscriberStoreDeps {
  readonly now: () => number;
  /** Returns a stamp, new each time. */
  readonly newStamp: () => string;
}

/**
 * The members of a topic that are away, each in an item, beside one item that is the clock of the topic. Each write of
 * the clock makes a change record, which brings the topic to the presence Lambda again in its next batch, a second
 * later. DynamoDB and Lambda have no other timer as short as that.
 */
export interface AwayStore {
  /** Lists the members that are away, strongly consistent. */
  readonly list: (topic: string) => Promise<readonly AwayRecord[]>;
  /** Notes that connections of these members have ended, and sets the clock. Rejects if it could not note all. */
  readonly note: (topic: string, members: readonly AwayMember[]) => Promise<void>;
  /** Notes that these members are back. Resolves to those that were not away any more: their leave was decided. */
  readonly welcome: (topic: string, subjects: readonly string[]) => Promise<readonly string[]>;
  /** Decides the leave of these members. Resolves to those that had not come back meanwhile. */
  readonly decide: (topic: string, members: readonly AwayRecord[]) => Promise<readonly AwayRecord[]>;
  /** Deletes these records, unless another connection of the member has ended since. */
  readonly settle: (topic: string, members: readonly AwayRecord[]) => Promise<void>;
  /** Sets the clock again, unless it was set since the check. */
  readonly setAgain: (check: AwayCheck) => Promise<void>;
  /** Deletes the clock, unless it was set since the check. */
  readonly stop: (check: AwayCheck) => Promise<void>;
}

const AWAY = {
  [SUBSCRIPTIONS.sortKey]: text,
  sinceMs: wholeNumber,
  [SUBSCRIPTIONS.profile]: optional(text),
  isStated: flag,
  isBack: flag,
  isGone: flag,
} as const;

const CLOCK = { [SUBSCRIPTIONS.partitionKey]: text, [SUBSCRIPTIONS.watch]: text } as const;

/** Creates the store of the members that are away. */
export function createAwayStore(deps: AwayStoreDeps): AwayStore {
  return {
    list: (topic) => list(deps, topic),
    note: (topic, members) => note(deps, topic, members),
    welcome: async (topic, subjects) => {
      const mark = { topic, set: 'isBack', unless: 'isGone' } as const;
      const marked = await runBounded(subjects, WRITE_CONCURRENCY, (subject) => update(deps, { ...mark, subject }));
      return subjects.filter((_, index) => marked[index] === false);
    },
    decide: async (topic, members) => {
      const mark = { topic, set: 'isGone', unless: 'isBack' } as const;
      const marked = await runBounded(members, WRITE_CONCURRENCY, ({ subject, sinceMs }) =>
        update(deps, { ...mark, subject, sinceMs }),
      );
      return members.filter((_, index) => marked[index] === true);
    },
    settle: async (topic, members) => {
      await runBounded(members, WRITE_CONCURRENCY, (member) => remove(deps, topic, member));
    },
    setAgain: async ({ topic, stamp }) => {
      const Item = clockItem(deps, topic);
      await unlessOther(deps.client.send(new PutItemCommand({ TableName: deps.table, Item, ...hasStamp(stamp) })));
    },
    stop: async ({ topic, stamp }) => {
      const Key = keyOf(awayPartition(topic), AWAY_CLOCK);
      await unlessOther(deps.client.send(new DeleteItemCommand({ TableName: deps.table, Key, ...hasStamp(stamp) })));
    },
  };
}

/**
 * Decodes the clock of a topic of which members are away; undefined for any other record, and for one whose stamp is as
 * it was. Throws BadRecordError.
 */
export function decodeAwayCheck(item: Item, { became, before }: RecordChange): AwayCheck | undefined {
  if (became === 'removed' || item[SUBSCRIPTIONS.sortKey]?.S !== AWAY_CLOCK) return undefined;
  const { connectionId: key, watch: stamp } = decodeItem(CLOCK, item);
  if (stamp === before?.[SUBSCRIPTIONS.watch]?.S) return undefined;
  return { kind: 'due', topic: key.slice(awayPartition('').length), stamp };
}

async function list({ client, table }: AwayStoreDeps, topic: string): Promise<readonly AwayRecord[]> {
  const items = query(client, {
    TableName: table,
    KeyConditionExpression: '#away = :away AND begins_with(#member, :prefix)',
    ExpressionAttributeNames: { '#away': SUBSCRIPTIONS.partitionKey, '#member': SUBSCRIPTIONS.sortKey },
    ExpressionAttributeValues: encodeItem({ ':away': awayPartition(topic), ':prefix': AWAY_PREFIX }),
    ConsistentRead: true,
  });
  return Array.fromAsync(items, (item) => {
    const { [SUBSCRIPTIONS.sortKey]: sortKey, ...record } = decodeItem(AWAY, item);
    return { ...record, subject: sortKey.slice(AWAY_PREFIX.length) };
  });
}

/** The clock last: it finds the members when it is due. */
async function note(deps: AwayStoreDeps, topic: string, members: readonly AwayMember[]): Promise<void> {
  const requests = members.map(({ subject, ...member }) => {
    const record = { ...keyValues(topic, subject), ...member, [SUBSCRIPTIONS.ttl]: expiryOf(deps) };
    return { PutRequest: { Item: encodeItem(record) } };
  });
  const left = await batchWrite(deps.client, deps.table, requests);
  if (left.length > 0) throw new Error(`${left.length} members that are away could not be noted.`);
  await deps.client.send(new PutItemCommand({ TableName: deps.table, Item: clockItem(deps, topic) }));
}

const keyValues = (topic: string, subject: string) => ({
  [SUBSCRIPTIONS.partitionKey]: awayPartition(topic),
  [SUBSCRIPTIONS.sortKey]: AWAY_PREFIX + subject,
});

const expiryOf = ({ now }: AwayStoreDeps): number => Math.floor(now() / 1_000) + AWAY_SECONDS;

const clockItem = (deps: AwayStoreDeps, topic: string) =>
  encodeItem({
    [SUBSCRIPTIONS.partitionKey]: awayPartition(topic),
    [SUBSCRIPTIONS.sortKey]: AWAY_CLOCK,
    [SUBSCRIPTIONS.watch]: deps.newStamp(),
    [SUBSCRIPTIONS.ttl]: expiryOf(deps),
  });

const hasStamp = (stamp: string) => ({
  ConditionExpression: '#stamp = :stamp',
  ExpressionAttributeNames: { '#stamp': SUBSCRIPTIONS.watch },
  ExpressionAttributeValues: encodeItem({ ':stamp': stamp }),
});

/** A mark on the record of a member, which excludes the other one. */
interface Mark {
  readonly topic: string;
  readonly subject: string;
  /** The time of the note that is meant. Absent: any. */
  readonly sinceMs?: number | undefined;
  readonly set: 'isBack' | 'isGone';
  readonly unless: 'isBack' | 'isGone';
}

/** Marks the record of a member. Resolves to whether it was there, without the other mark. */
function update({ client, table }: AwayStoreDeps, { topic, subject, sinceMs, set, unless }: Mark): Promise<boolean> {
  const isMeant = sinceMs === undefined ? 'attribute_exists(#since)' : '#since = :since';
  const input: UpdateItemCommandInput = {
    TableName: table,
    Key: keyOf(awayPartition(topic), AWAY_PREFIX + subject),
    UpdateExpression: 'SET #set = :true',
    ConditionExpression: `${isMeant} AND attribute_not_exists(#unless)`,
    ExpressionAttributeNames: { '#since': 'sinceMs', '#set': set, '#unless': unless },
    ExpressionAttributeValues: encodeItem({ ':true': true, ...(sinceMs === undefined ? {} : { ':since': sinceMs }) }),
  };
  return unlessOther(client.send(new UpdateItemCommand(input)));
}

function remove({ client, table }: AwayStoreDeps, topic: string, { subject, sinceMs }: AwayRecord): Promise<boolean> {
  const input = {
    TableName: table,
    Key: keyOf(awayPartition(topic), AWAY_PREFIX + subject),
    ConditionExpression: '#since = :since',
    ExpressionAttributeNames: { '#since': 'sinceMs' },
    ExpressionAttributeValues: encodeItem({ ':since': sinceMs }),
  };
  return unlessOther(client.send(new DeleteItemCommand(input)));
}

/** Resolves to whether a conditional write was made. */
async function unlessOther(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
