import type { Page } from 'playwright-core';
import type { OpenPage } from '../page-browser.ts';
import { shows, showsNoConnection } from '../shows.ts';
import type { PageTrial } from './example.ts';

/** Tries the example chat: two people in a room, one of whom loses the connection. */
export const tryChat: PageTrial = async ({ open }) => {
  const [ann, bob] = [await enter(await open(), 'ann'), await enter(await open(), 'bob')];
  await say(ann.tab, 'Is lock 4 open?');
  await shows(bob.tab, 'Is lock 4 open?', '2 here');
  await fieldOf(bob.tab).pressSequentially('I will');
  await shows(ann.tab, 'bob is typing …');

  bob.wire.cut();
  await showsNoConnection(bob.tab);
  await say(bob.tab, 'From the tunnel');
  await shows(bob.tab, 'From the tunnel …');
  await say(ann.tab, 'Never mind');
  await shows(ann.tab, 'Never mind');
  bob.wire.mend();
  await shows(ann.tab, 'From the tunnel');
  await shows(bob.tab, 'Never mind', 'From the tunnel');

  await bob.tab.reload();
  await shows(bob.tab, 'Is lock 4 open?', 'Never mind', 'From the tunnel');
  await tryNews(ann.tab, (await enter(await open(), 'editor')).tab);
};

/** Tries the room in which one person alone may write. */
async function tryNews(reader: Page, editor: Page): Promise<void> {
  for (const tab of [reader, editor]) await tab.getByRole('button', { name: '# news' }).click();
  await shows(reader, 'You may read here. Only the editor writes.');
  await say(editor, 'The river has risen');
  await shows(reader, 'The river has risen');
}

async function enter(opened: OpenPage, name: string): Promise<OpenPage> {
  await opened.tab.getByLabel('Your name').fill(name);
  await opened.tab.getByRole('button', { name: 'Enter' }).click();
  await shows(opened.tab, 'online');
  return opened;
}

const fieldOf = (tab: Page) => tab.getByLabel('Message', { exact: true });

async function say(tab: Page, text: string): Promise<void> {
  await fieldOf(tab).fill(text);
  await tab.getByRole('button', { name: 'Send' }).click();
}
