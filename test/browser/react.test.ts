import { createElement as h, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser, LAUNCH_ARGS } from '../../packaging/packed/browser.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';
import { App } from './react-page/app.ts';

const PAGE = 'test/browser/react-page';

const executablePath = findBrowser();

/** Returns the frames of an action that the page has sent, for one topic or counter. */
async function sent(tab: Page, action: string, topic: string): Promise<number> {
  const frames: readonly string[] = await tab.evaluate('window.sent');
  return frames.filter((text) => {
    const frame: { readonly action: string; readonly topic?: string } = JSON.parse(text);
    return frame.action === action && frame.topic === topic;
  }).length;
}

/** Changes what the page shows. */
const change = (tab: Page, parts: object): Promise<unknown> => tab.evaluate(`window.change(${JSON.stringify(parts)})`);

const textsOf = (tab: Page, list: string): Promise<string[]> => tab.locator(`#${list} li`).allTextContents();

if (executablePath === undefined) {
  describe('React components', () => {
    it.skip('are not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('React components, under StrictMode', () => {
    let browser: Browser;
    let runtime: RunningRuntime;
    let raw: Dialogue;
    const complaints: string[] = [];

    beforeAll(async () => {
      [browser, runtime] = await Promise.all([
        chromium.launch({ executablePath, args: LAUNCH_ARGS }),
        startRuntime(['--page', PAGE]),
      ]);
      raw = await openDialogue(`${runtime.url}?topics=`);
    });

    afterAll(async () => {
      raw.cut();
      await browser.close();
      await runtime.stop();
    });

    afterEach(() => expect(complaints.splice(0)).toEqual([]));

    /** Opens the page, whose lists show a topic of this test alone. `rendered` is what a server has rendered. */
    async function open(topic: string, rendered?: string): Promise<Page> {
      const tab = await (await browser.newContext()).newPage();
      tab.on('console', (message) => {
        if (message.type() !== 'info') complaints.push(message.text());
      });
      tab.on('pageerror', (error) => complaints.push(error.message));
      if (rendered !== undefined) await tab.addInitScript(`window.rendered = ${JSON.stringify(rendered)};`);
      await tab.goto(runtime.page);
      await tab.locator('#status', { hasText: 'online' }).waitFor();
      await change(tab, { topic });
      await tab.locator('#left[data-state="live"]').waitFor({ state: 'attached' });
      return tab;
    }

    const publish = (topic: string, data: unknown) => raw.ask({ action: 'publish', topic, data });

    it('make one client, and one subscription of each topic', async () => {
      const tab = await open('react/one');
      await tab.locator('#people', { hasText: '1' }).waitFor();

      expect(await tab.evaluate('window.clients.length')).toBe(1);
      expect(await sent(tab, 'subscribe', 'react/one')).toBe(1);
      expect(await sent(tab, 'subscribe', 'people')).toBe(1);
      expect(await sent(tab, 'subscribe', 'counter:votes')).toBe(1);
    });

    it('show the history and what arrives, in order, and keep the newest', async () => {
      for (const each of ['a', 'b']) await publish('react/order', each);
      const tab = await open('react/order');
      await tab.locator('#right li', { hasText: 'b' }).waitFor();
      const history = await textsOf(tab, 'right');
      for (const each of ['c', 'd']) await publish('react/order', each);
      await tab.locator('#left li', { hasText: 'd' }).waitFor();
      await tab.locator('#right li', { hasText: 'd' }).waitFor();

      expect(history).toEqual(['a', 'b']);
      expect(await textsOf(tab, 'left')).toEqual(['b', 'c', 'd']);
      expect(await textsOf(tab, 'right')).toEqual(['b', 'c', 'd']);
    });

    it('keep the subscription when one of two leaves, and when the last makes room for another', async () => {
      const tab = await open('react/leave');
      await publish('react/leave', 'before');
      await tab.locator('#left li', { hasText: 'before' }).waitFor();

      await change(tab, { lists: ['right'] });
      await change(tab, { lists: ['remounted'] });
      const kept = await textsOf(tab, 'remounted');
      await publish('react/leave', 'after');
      await tab.locator('#remounted li', { hasText: 'after' }).waitFor();

      expect(kept).toEqual(['before']);
      expect(await sent(tab, 'subscribe', 'react/leave')).toBe(1);
      expect(await sent(tab, 'unsubscribe', 'react/leave')).toBe(0);
    });

    it('end the subscription with the last of them, and start anew with the next', async () => {
      const tab = await open('react/last');
      await publish('react/last', 'first');
      await tab.locator('#left li', { hasText: 'first' }).waitFor();

      await change(tab, { topic: null });
      await eventually(async () => expect(await sent(tab, 'unsubscribe', 'react/last')).toBe(1));
      await change(tab, { topic: 'react/last' });
      await tab.locator('#left li', { hasText: 'first' }).waitFor();

      expect(await sent(tab, 'subscribe', 'react/last')).toBe(2);
    });

    it('share a counter, whose change shows at once and in every tab', async () => {
      const [left, right] = [await open('react/votes'), await open('react/votes')];
      await left.locator('#first', { hasText: /\d/ }).waitFor();
      const before = Number(await left.locator('#first').textContent());

      await left.locator('#first').click();

      expect(await left.locator('#second').textContent()).toBe(String(before + 1));
      await right.locator('#second', { hasText: new RegExp(`^${before + 1}$`) }).waitFor();
    });

    it('leave alone what the application follows by the same client beside them', async () => {
      const tab = await open('react/beside');
      await tab.evaluate(`
        const [client] = window.clients;
        window.beside = {
          counter: client.counter('votes'),
          topic: client.subscribe('react/beside'),
          people: client.subscribe('people', { presence: true }),
        };
        window.heard = [];
        window.beside.topic.on('message', ({ data }) => window.heard.push(data));
      `);
      await tab.locator('#first', { hasText: /\d/ }).waitFor();
      await tab.locator('#people', { hasText: /\d/ }).waitFor();
      const before = await tab.evaluate<number>('window.beside.counter.value');

      await change(tab, { topic: null, isCounting: false });
      await tab.locator('#first').waitFor({ state: 'detached' });
      await publish('react/beside', 'still here');
      await raw.ask({ action: 'plus', counter: 'votes' });
      await eventually(async () => expect(await tab.evaluate('window.heard')).toEqual(['still here']));
      await eventually(async () => expect(await tab.evaluate('window.beside.counter.value')).toBe(before + 1));

      const states = await tab.evaluate('Object.values(window.beside).map(({ state }) => state)');
      expect(states).toEqual(['live', 'live', 'live']);
      expect(await sent(tab, 'unsubscribe', 'counter:votes')).toBe(0);
      expect(await tab.evaluate('window.beside.people.presence.count')).toBeGreaterThan(0);
    });

    it('publish without a subscription', async () => {
      const tab = await open('react/publish');
      raw.say({ action: 'subscribe', topic: 'river' });
      await raw.hear({ type: 'subscribed', topic: 'river' });

      await tab.getByRole('button', { name: 'Publish' }).click();

      expect(await raw.hear({ type: 'message', topic: 'river' })).toMatchObject({ data: 'from React' });
    });

    it('show the status, disconnect and connect', async () => {
      const tab = await open('react/status');

      await tab.getByRole('button', { name: 'Disconnect', exact: true }).click();
      await tab.locator('#status', { hasText: 'disconnected' }).waitFor();
      await publish('react/status', 'meanwhile');
      await tab.getByRole('button', { name: 'Connect', exact: true }).click();
      await tab.locator('#status', { hasText: 'online' }).waitFor();

      await tab.locator('#left li', { hasText: 'meanwhile' }).waitFor();
    });

    it('show why a topic is refused', async () => {
      const tab = await open('react/refused');

      await change(tab, { topic: 'no spaces allowed' });

      await tab.locator('#left[data-state="failed"][data-error]').waitFor({ state: 'attached' });
      expect(await tab.locator('#left').getAttribute('data-error')).toMatch(/^bad-/);
    });

    it('close the client with the provider, and make another with the next one', async () => {
      const tab = await open('react/closed');

      await change(tab, { isShown: false });
      await eventually(async () => expect(await tab.evaluate('window.clients[0].status')).toBe('closed'));
      await change(tab, { isShown: true });
      await tab.locator('#status', { hasText: 'online' }).waitFor();

      expect(await tab.evaluate('window.clients.length')).toBe(2);
    });

    it('take over what a server has rendered', async () => {
      const client = (): never => {
        throw new Error('A server has no client.');
      };
      const parts = { topic: 'river', lists: ['left', 'right'], isCounting: true, isShown: true };
      const tab = await open('react/hydrated', renderToString(h(StrictMode, undefined, h(App, { client, parts }))));

      await publish('react/hydrated', 'live');

      await tab.locator('#right li', { hasText: 'live' }).waitFor();
    });
  });
}
