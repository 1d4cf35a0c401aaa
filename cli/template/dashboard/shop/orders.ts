import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { Shop } from './open-shop.ts';

/** An order that somebody places. */
export interface NewOrder {
  readonly orderId: string;
  readonly city: string;
  readonly cents: number;
}

/** Puts an order, and adds it to the total of its city: both, or none. Nothing is published here. */
export async function placeOrder({ client, ordersTable, totalsTable }: Shop, order: NewOrder): Promise<void> {
  const { orderId, city, cents } = order;
  const Item = { orderId: { S: orderId }, city: { S: city }, status: { S: 'open' }, cents: { N: String(cents) } };
  const Put = { TableName: ordersTable, Item, ConditionExpression: 'attribute_not_exists(orderId)' };
  const Update = {
    TableName: totalsTable,
    Key: { city: { S: city } },
    UpdateExpression: 'ADD #open :one, cents :cents',
    ExpressionAttributeNames: { '#open': 'open' },
    ExpressionAttributeValues: { ':one': { N: '1' }, ':cents': { N: String(cents) } },
  };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Update }] }));
}

/** Marks an open order as sent, and moves it in the total of its city. Rejects for an order that is not open. */
export async function sendOrder(
  { client, ordersTable, totalsTable }: Shop,
  { orderId, city }: Pick<NewOrder, 'orderId' | 'city'>,
): Promise<void> {
  const order = {
    TableName: ordersTable,
    Key: { orderId: { S: orderId } },
    UpdateExpression: 'SET #status = :sent',
    ConditionExpression: '#status = :open',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':sent': { S: 'sent' }, ':open': { S: 'open' } },
  };
  const total = {
    TableName: totalsTable,
    Key: { city: { S: city } },
    UpdateExpression: 'ADD #open :less, sent :one',
    ExpressionAttributeNames: { '#open': 'open' },
    ExpressionAttributeValues: { ':less': { N: '-1' }, ':one': { N: '1' } },
  };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: order }, { Update: total }] }));
}
