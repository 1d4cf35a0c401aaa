import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type Realtime } from '@distributary/client';
import type { Topics } from '../page/topics.ts';
import { openShop, type Shop } from '../shop/open-shop.ts';
import { placeOrder, sendOrder } from '../shop/orders.ts';
import { type RunningApp, startApp } from './start-app.ts';

let app: RunningApp;
let shop: Shop;
const clients: Realtime<Topics>[] = [];

before(async () => {
  app = await startApp();
  shop = await openShop(app.url.replace('ws:', 'http:'));
});

after(async () => {
  for (const client of clients) client.close();
  shop.client.destroy();
  await app.stop();
});

function openClient(): Realtime<Topics> {
  const client = connect<Topics>(app.url);
  clients.push(client);
  return client;
}

/** Resolves to the data of a topic's messages, when there are `count`. */
function read<Name extends 'orders' | `totals/${string}`>(topic: Name, count: number) {
  const messages: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly unknown[]>();
  openClient()
    .subscribe(topic, { history: count })
    .on('message', ({ data }) => {
      if (messages.push(data) === count) resolve(messages);
    });
  return promise;
}

test('a change of the tables is a message, and the newest total is the whole one', async () => {
  const totals = read('totals/Basel', 3);

  await placeOrder(shop, { orderId: 'a', city: 'Basel', cents: 1_200 });
  await placeOrder(shop, { orderId: 'b', city: 'Basel', cents: 300 });
  await sendOrder(shop, { orderId: 'a', city: 'Basel' });
  const [, , newest] = await totals;

  assert.deepEqual(newest, { event: 'modify', keys: { city: 'Basel' }, item: { open: 1, sent: 1, cents: 1_500 } });
  assert.deepEqual(await read('totals/Basel', 1), [newest]);
});

test('an order shows what the source names, in the order of its changes', async () => {
  const keys = { orderId: 'c' };
  const others = 3;
  const orders = read('orders', others + 2);

  await placeOrder(shop, { orderId: 'c', city: 'Lagos', cents: 700 });
  await sendOrder(shop, { orderId: 'c', city: 'Lagos' });

  assert.deepEqual((await orders).slice(others), [
    { event: 'insert', keys, item: { city: 'Lagos', status: 'open', cents: 700 } },
    { event: 'modify', keys, item: { city: 'Lagos', status: 'sent', cents: 700 } },
  ]);
});

test('an order is sent once', async () => {
  await placeOrder(shop, { orderId: 'd', city: 'Osaka', cents: 900 });
  await sendOrder(shop, { orderId: 'd', city: 'Osaka' });

  await assert.rejects(sendOrder(shop, { orderId: 'd', city: 'Osaka' }), { name: 'TransactionCanceledException' });
});
