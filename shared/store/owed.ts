import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { mapWith, optional, text, wholeNumber } from './item-schema.ts';
import { BY_TOPIC, OWED, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { CONNECTION, type ConnectionRef, keyOf } from './subscription-record.ts';

/** A catch-up that a connection is owed, since frames of a topic could not be delivered to it. */
export interface Debt {
  readonly connection: ConnectionRef;
  readonly topic: string;
  /** The position after which frames were missed; undefined for a subscriber that never had one. */
  readonly position?: Position | undefined;
  /** The number of newest messages that a subscriber without a position asked for. */
  readonly history?: number | undefined;
}

/** A debt in the table, with the number of tries to pay it. */
export interface OwedCatchUp extends Debt {
  readonly attempts: number;
}

const DEBT = {
  ...CONNECTION,
  [SUBSCRIPTIONS.sortKey]: text,
  [OWED]: mapWith({
    attempts: wholeNumber,
    epoch: optional(text),
    seq: optional(wholeNumber),
    history: optional(wholeNumber),
  }),
} as const;

/**
 * Records a debt on the subscription's record, unless an older one is there. The change record wakes the presence
 * Lambda, which pays it. Does nothing if the subscription has ended. Costs one write unit.
 */
export const noteOwed = (deps: SubscriberStoreDeps, { connection, topic, position, history }: Debt): Promise<void> =>
  update(
    deps,
    { connection, topic },
    {
      UpdateExpression: 'SET #owed = if_not_exists(#owed, :debt)',
      ConditionExpression: 'attribute_exists(#shard)',
      ExpressionAttributeNames: { '#owed': OWED, '#shard': BY_TOPIC.partitionKey },
      values: { ':debt': { attempts: 0, epoch: position?.epoch ?? undefined, seq: position?.seq, history } },
    },
  );

/** Counts a try to pay a debt. The change record wakes the presence Lambda again, after its batching window. */
export const countAttempt = (deps: SubscriberStoreDeps, owed: OwedCatchUp): Promise<void> =>
  update(deps, owed, {
    UpdateExpression: 'SET #owed.#attempts = :next',
    ConditionExpression: '#owed.#attempts = :attempts',
    ExpressionAttributeNames: { '#owed': OWED, '#attempts': 'attempts' },
    values: { ':attempts': owed.attempts, ':next': owed.attempts + 1 },
  });

/** Deletes a debt that was paid, or given up. A debt that another request has replaced meanwhile stays. */
export const settleOwed = (deps: SubscriberStoreDeps, owed: OwedCatchUp): Promise<void> =>
  update(deps, owed, {
    UpdateExpression: 'REMOVE #owed',
    ConditionExpression: '#owed.#attempts = :attempts',
    ExpressionAttributeNames: { '#owed': OWED, '#attempts': 'attempts' },
    values: { ':attempts': owed.attempts },
  });

/**
 * Decodes the debt in the image of a record; undefined when there is none, or none that is new. Throws BadRecordError.
 */
export function decodeOwed(image: Item, before: Item | undefined): OwedCatchUp | undefined {
  if (image[OWED] === undefined) return undefined;
  const owed = debtOf(image);
  const old = before?.[OWED] === undefined ? undefined : debtOf(before);
  return old?.attempts === owed.attempts ? undefined : owed;
}

function debtOf(image: Item): OwedCatchUp {
  const { topic, owed, ...connection } = decodeItem(DEBT, image);
  const { attempts, epoch = null, seq, history } = owed;
  return { connection, topic, attempts, history, position: seq === undefined ? undefined : { epoch, seq } };
}

interface Change {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly values: Values;
}

async function update(
  { client, table }: SubscriberStoreDeps,
  { connection, topic }: Pick<Debt, 'connection' | 'topic'>,
  { values, ...change }: Change,
): Promise<void> {
  const Key = keyOf(connection.connectionId, topic);
  try {
    const ExpressionAttributeValues = encodeItem(values);
    await client.send(new UpdateItemCommand({ TableName: table, Key, ...change, ExpressionAttributeValues }));
  } catch (error) {
    // The subscription has ended, or a newer request has answered the debt.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
