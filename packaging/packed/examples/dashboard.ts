import type { Page } from 'playwright-core';
import { shows, showsNoConnection, textOf } from '../shows.ts';
import type { PageTrial } from './example.ts';

/** The orders that are sent while a page has no connection. */
const MISSED = 5;

/** Tries the example dashboard: a shop sells, and a page that misses some of it has the right totals in the end. */
export const tryDashboard: PageTrial = async ({ open, page, start }) => {
  const [ann, bob] = [await open(), await open()];
  await shows(ann.tab, 'online');
  const close = await start('shop', page);
  await sent(bob.tab, 1);
  const before = await sent(ann.tab, 1);

  bob.wire.cut();
  await showsNoConnection(bob.tab);
  const later = await sent(ann.tab, before + MISSED);
  await close();
  bob.wire.mend();
  await sent(bob.tab, later);
  await haveSameTotals(ann.tab, bob.tab);

  await bob.tab.reload();
  await haveSameTotals(ann.tab, bob.tab);
};

/** Resolves to the number of sent orders when it is at least `atLeast`. */
const sent = async (tab: Page, atLeast: number): Promise<number> =>
  Number(await textOf(tab.locator('#sent'), (text) => Number(text) >= atLeast));

/**
 * Resolves when two pages show the same totals and orders. Both are looked at each time: what the shop sold last may
 * still be on its way to both.
 */
async function haveSameTotals(one: Page, other: Page): Promise<void> {
  const main = await textOf(other.locator('main'), async (text) => text === (await one.locator('main').innerText()));
  if (!/€\d/.test(main)) throw new Error(`There is no revenue: ${main}`);
}
