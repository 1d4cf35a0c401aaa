import { connect } from '@distributary/client';
import { element } from './element.ts';
import { fillTable, inEuros } from './render.ts';
import { serverUrl } from './server-url.ts';
import { CITIES, type Order, type Topics, type Total } from './topics.ts';

/** The number of orders in sight. */
const ROWS = 6;

const rt = connect<Topics>(serverUrl());

rt.on('status', (status) => {
  element('status').textContent = status;
});

// The newest message of a city is its whole total, so a page that comes late needs no other.
const totals = new Map<string, Total>();
for (const city of CITIES) {
  rt.subscribe(`totals/${city}`, { history: 1 }).on('message', ({ data }) => {
    totals.set(city, data.item);
    showTotals();
  });
}

// An order that changes moves to the top.
const orders = new Map<string, Order>();
rt.subscribe('orders', { history: 2 * ROWS }).on('message', ({ data: { keys, item } }) => {
  orders.delete(keys.orderId);
  orders.set(keys.orderId, item);
  const [oldest = ''] = orders.keys();
  if (orders.size > ROWS) orders.delete(oldest);
  showOrders();
});

function showTotals(): void {
  const sum = (part: keyof Total): number => [...totals.values()].reduce((all, total) => all + (total[part] ?? 0), 0);
  element('cents').textContent = inEuros(sum('cents'));
  element('open').textContent = String(sum('open'));
  element('sent').textContent = String(sum('sent'));
  const most = Math.max(1, ...[...totals.values()].map(({ cents = 0 }) => cents));
  const rows = CITIES.map((city) => {
    const { open = 0, sent = 0, cents = 0 } = totals.get(city) ?? {};
    return { cells: [city, { share: cents / most }, `${open} open`, `${sent} sent`, inEuros(cents)] };
  });
  fillTable(element('cities'), rows);
}

function showOrders(): void {
  element('hint').hidden = orders.size > 0;
  const newestFirst = [...orders].reverse();
  const rows = newestFirst.map(([id, { city, status, cents }]) => ({
    cells: [id, city, status, inEuros(cents)],
    status,
  }));
  fillTable(element('orders'), rows);
}
