import { setTimeout as pause } from 'node:timers/promises';
import { CITIES } from '../page/topics.ts';
import { openShop } from './open-shop.ts';
import { type NewOrder, placeOrder, sendOrder } from './orders.ts';

// Plays customers until Ctrl-C: npm run shop, or npm run shop -- http://127.0.0.1:4100
const [page = 'http://127.0.0.1:4000'] = process.argv.slice(2);
const shop = await openShop(page);
const open: NewOrder[] = [];

console.log(`Selling at ${page}`);
for (;;) {
  const city = CITIES[Math.floor(Math.random() * CITIES.length)] ?? CITIES[0];
  const order = { orderId: crypto.randomUUID().slice(0, 8), city, cents: 500 + Math.floor(Math.random() * 9_500) };
  await placeOrder(shop, order);
  open.push(order);
  const [oldest] = open.length > 3 ? open.splice(0, 1) : [];
  if (oldest !== undefined) await sendOrder(shop, oldest);
  await pause(400);
}
