import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { unlessSuperseded } from './frame-order.ts';
import { flag, mapWith, optional, text, wholeNumber } from './item-schema.ts';
import { OWED, OWED_PREFIX, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { type ConnectionRef, recordOf } from './connection-record.ts';
import { CONNECTION, keyOf } from './subscription-record.ts';

/** A catch-up that a connection is owed, since frames of a topic could not be delivered to it. */
export interface Debt {
  readonly connection: ConnectionRef;
  readonly topic: string;
  /** The position after which frames were missed; undefined for a subscriber that never had one. */
  readonly position?: Position | undefined;
  /** The number of newest messages that a subscriber without a position asked for. */
  readonly history?: number | undefined;
  /**
   * Whether the debt is the answer to a `subscribe`: it is sent even if nothing is missing, and its position or history
   * replaces that of an older debt.
   */
  readonly isAsked?: boolean | undefined;
  /** The wildcard by which the connection gets the topic. Absent: it has subscribed to the topic itself. */
  readonly wildcard?: string | undefined;
  /** Time in epoch milliseconds before which the debt must not be paid. Absent: it may be paid at once. */
  readonly notBeforeMs?: number | undefined;
}

/** A debt in the table. Times are in epoch milliseconds. */
export interface OwedCatchUp extends Debt {
  /** The stamp of the newest write that asks for a try. A record with an older stamp is stale. */
  readonly stamp: string;
  /** The time of the first note, or of the last frame that the connection took since. */
  readonly sinceMs: number;
  /** The time of the newest note. */
  readonly notedAtMs: number;
  /** The time before which no try is worth it. */
  readonly tryAtMs: number;
  /** The time of the last try that failed; undefined before the first. */
  readonly triedAtMs?: number | undefined;
}

/** A change of a claimed debt. Absent members stay as they are. */
export interface DebtProgress {
  /** The position of the last frame that was taken. */
  readonly position?: Position | undefined;
  /** False: the answer to the `subscribe` was taken. */
  readonly isAsked?: false | undefined;
  readonly sinceMs?: number | undefined;
  readonly tryAtMs?: number | undefined;
  readonly triedAtMs?: number | undefined;
}

/** The dependencies of debts. */
export interface DebtStoreDeps extends SubscriberStoreDeps {
  readonly now: () => number;
  /** Returns an id unique to a write. */
  readonly newStamp: () => string;
}

const DEBT = {
  ...CONNECTION,
  [SUBSCRIPTIONS.sortKey]: text,
  [OWED]: text,
  sinceMs: wholeNumber,
  notedAtMs: wholeNumber,
  tryAtMs: wholeNumber,
  triedAtMs: optional(wholeNumber),
  from: optional(mapWith({ epoch: optional(text), seq: optional(wholeNumber), history: optional(wholeNumber) })),
  asked: flag,
  subscription: optional(text),
  notBeforeMs: optional(wholeNumber),
} as const;

/**
 * Records a debt, in an item of its own beside the subscription's record. Each note changes the item, so its change
 * record wakes the presence Lambda, which pays. The oldest position stays, unless the client asked anew; so does the
 * pause after a failed try. Costs one write unit.
 */
export async function noteOwed(deps: DebtStoreDeps, debt: Debt): Promise<void> {
  const { connection, topic, isAsked = false, wildcard, notBeforeMs } = debt;
  const { connectedAt, expiresAt } = recordOf(connection, topic);
  const nowMs = deps.now();
  const subscription = wildcard ?? topic;
  const always = { connectedAt, expiresAt, [OWED]: deps.newStamp(), notedAtMs: nowMs, subscription, notBeforeMs };
  const once = { sinceMs: nowMs, tryAtMs: nowMs };
  const from = startOf(debt);
  const update = isAsked ? settingOnce({ ...always, from, asked: true }, once) : settingOnce(always, { ...once, from });
  await deps.client.send(new UpdateItemCommand({ TableName: deps.table, Key: debtKey(connection, topic), ...update }));
}

/** Returns where a catch-up begins, as one value: a position is never made of two notes. */
function startOf({ position, history }: Pick<Debt, 'position' | 'history'>) {
  if (position !== undefined) return { seq: position.seq, epoch: position.epoch ?? undefined };
  return history === undefined ? undefined : { history };
}

/**
 * Claims a debt for one try, by a new stamp, whose change record brings the debt again in the next batch. Resolves to
 * the debt as it is now; undefined for a stale one, which another record stands for.
 */
export async function claimOwed(deps: DebtStoreDeps, owed: OwedCatchUp): Promise<OwedCatchUp | undefined> {
  const written = await unlessSuperseded(
    deps.client.send(
      new UpdateItemCommand({
        ...change(deps, owed, { [OWED]: deps.newStamp() }),
        ReturnValues: 'ALL_NEW',
      }),
    ),
  );
  return written?.Attributes === undefined ? undefined : debtOf(written.Attributes);
}

/** Records how far a claimed debt is paid, or when it is to be tried again. Does nothing if a note came meanwhile. */
export async function advanceOwed(
  deps: DebtStoreDeps,
  owed: OwedCatchUp,
  { position, isAsked, ...times }: DebtProgress,
): Promise<void> {
  const values = { ...times, asked: isAsked, from: startOf({ position }) };
  await unlessSuperseded(deps.client.send(new UpdateItemCommand(change(deps, owed, values))));
}

/** Deletes a claimed debt, unless a note came meanwhile. */
export async function settleOwed(deps: DebtStoreDeps, owed: OwedCatchUp): Promise<void> {
  const remove = new DeleteItemCommand({
    TableName: deps.table,
    Key: debtKey(owed.connection, owed.topic),
    ConditionExpression: '#owed = :stamp',
    ExpressionAttributeNames: { '#owed': OWED },
    ExpressionAttributeValues: encodeItem({ ':stamp': owed.stamp }),
  });
  await unlessSuperseded(deps.client.send(remove));
}

/** The attributes of a subscription that tell whether a debt of it stands. */
const STANDING = {
  [SUBSCRIPTIONS.receivedAt]: optional(wholeNumber),
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
} as const;

/**
 * Returns whether a debt is void: its subscription or its connection's token has ended, or the subscription was made
 * anew after the debt was noted, and so is answered by an ordinary catch-up. Strongly consistent.
 */
export async function isVoid({ client, table, now }: DebtStoreDeps, owed: OwedCatchUp): Promise<boolean> {
  const { Item: subscription } = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: keyOf(owed.connection.connectionId, owed.wildcard ?? owed.topic),
      ConsistentRead: true,
      ProjectionExpression: '#receivedAt, #connection, #tokenEnd',
      ExpressionAttributeNames: {
        '#receivedAt': SUBSCRIPTIONS.receivedAt,
        '#connection': SUBSCRIPTIONS.partitionKey,
        '#tokenEnd': SUBSCRIPTIONS.tokenEnd,
      },
    }),
  );
  if (subscription === undefined) return true;
  const { receivedAt = 0, tokenEnd = Infinity } = decodeItem(STANDING, subscription);
  return receivedAt > owed.notedAtMs || tokenEnd <= now();
}

/** Decodes the debt of a record that asks for a try; undefined for any other record. Throws BadRecordError. */
export function decodeOwed(image: Item, before: Item | undefined): OwedCatchUp | undefined {
  const stamp = image[OWED]?.S;
  return stamp === undefined || stamp === before?.[OWED]?.S ? undefined : debtOf(image);
}

function debtOf(image: Item): OwedCatchUp {
  const {
    topic: sortKey,
    owed,
    from,
    asked,
    connectionId,
    connectedAt,
    subscription,
    ...times
  } = decodeItem(DEBT, image);
  const topic = sortKey.slice(OWED_PREFIX.length);
  const { epoch = null, seq, history } = from ?? {};
  return {
    ...times,
    connection: { connectionId, connectedAt },
    topic,
    ...(subscription === undefined || subscription === topic ? {} : { wildcard: subscription }),
    stamp: owed,
    position: seq === undefined ? undefined : { epoch, seq },
    ...(history === undefined ? {} : { history }),
    isAsked: asked,
  };
}

const debtKey = ({ connectionId }: ConnectionRef, topic: string) => keyOf(connectionId, OWED_PREFIX + topic);

/** Returns an update that sets these attributes, and others only where the item lacks them. */
function settingOnce(always: Values, once: Values) {
  const defined = (values: Values): string[] => Object.keys(values).filter((name) => values[name] !== undefined);
  const set = [
    ...defined(always).map((name) => `#${name} = :${name}`),
    ...defined(once).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
  ];
  const names = [...defined(always), ...defined(once)];
  const values = { ...always, ...once };
  return {
    UpdateExpression: `SET ${set.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: encodeItem(Object.fromEntries(names.map((name) => [`:${name}`, values[name]]))),
  };
}

/** Returns an update of a debt that is as `owed` says. */
function change({ table }: SubscriberStoreDeps, owed: OwedCatchUp, values: Values): UpdateItemCommandInput {
  const setting = settingOnce(values, {});
  return {
    TableName: table,
    Key: debtKey(owed.connection, owed.topic),
    ...setting,
    ConditionExpression: '#stamped = :stamp',
    ExpressionAttributeNames: { ...setting.ExpressionAttributeNames, '#stamped': OWED },
    ExpressionAttributeValues: { ...setting.ExpressionAttributeValues, ...encodeItem({ ':stamp': owed.stamp }) },
  };
}
