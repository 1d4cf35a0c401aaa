import type { Page } from 'playwright-core';
import { shows, showsNoConnection, textOf } from '../shows.ts';
import type { PageTrial } from './example.ts';

/** Tries the example counters: two people vote, one of them without a connection. */
export const tryCounters: PageTrial = async ({ open }) => {
  const [ann, bob] = [await open(), await open()];
  for (const { tab } of [ann, bob]) await shows(tab, 'online', '2 people are here');
  const ramen = Number(await textOf(votesOf(ann.tab, 'Ramen'), isNumber));
  const pizza = Number(await textOf(votesOf(bob.tab, 'Pizza'), isNumber));
  for (let vote = 0; vote < 3; vote += 1) await add(ann.tab, 'Ramen');
  await showsVotes(bob.tab, 'Ramen', ramen + 3);

  bob.wire.cut();
  await showsNoConnection(bob.tab);
  await add(bob.tab, 'Ramen');
  await showsVotes(bob.tab, 'Ramen', ramen + 4);
  await add(ann.tab, 'Pizza');
  await showsVotes(ann.tab, 'Pizza', pizza + 1);
  bob.wire.mend();
  await showsVotes(ann.tab, 'Ramen', ramen + 4);
  await showsVotes(bob.tab, 'Pizza', pizza + 1);

  await bob.tab.reload();
  await showsVotes(bob.tab, 'Ramen', ramen + 4);
};

const isNumber = (text: string): boolean => /^\d+$/.test(text);

const votesOf = (tab: Page, dish: string) => tab.getByRole('region', { name: dish }).locator('output');

const showsVotes = (tab: Page, dish: string, votes: number): Promise<string> =>
  textOf(votesOf(tab, dish), (text) => text === String(votes));

const add = (tab: Page, dish: string): Promise<void> => tab.getByRole('button', { name: `More ${dish}` }).click();
