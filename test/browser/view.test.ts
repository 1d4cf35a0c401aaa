import type { Page } from 'playwright-core';
import { findBrowser } from '../../packaging/packed/browser.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { openPageScene, type PageScene } from '../helpers/page-scene.ts';

const executablePath = findBrowser();

if (executablePath === undefined) {
  describe('the local view', () => {
    it.skip('is not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('the local view', () => {
    let scene: PageScene;
    let client: Dialogue;
    let view: Page;

    beforeAll(async () => {
      scene = await openPageScene(executablePath);
      client = await openDialogue(`${scene.runtime.url}?topics=`);
      client.say({ action: 'subscribe', topic: 'news/river' });
      await client.hear({ type: 'subscribed', topic: 'news/river' });
      view = await scene.browser.newPage();
      await view.goto(`${scene.runtime.page}_local`);
      await view.locator('#status[data-status="online"]').waitFor();
    });

    afterAll(async () => {
      client.cut();
      await scene.close();
    });

    it('is named when the runtime is ready', () => {
      expect(scene.runtime.output()).toContain(`view  ${scene.runtime.page}_local\n`);
    });

    it('shows a connection with its subscription', async () => {
      await view.locator('#connections .chips span', { hasText: 'news/river' }).waitFor();

      expect(await view.locator('#connection-count').textContent()).toBe('1');
    });

    it('shows how far each stream is read', async () => {
      await view.locator('#mappings li', { hasText: 'Subscriptions' }).getByText('caught up').first().waitFor();

      expect(await view.locator('#mappings li').count()).toBeGreaterThan(1);
    });

    it('shows the event, the result and the log of an invocation, and replays it', async () => {
      client.say({ action: 'publish', topic: 'news/river', data: 'Lock 4 is open', id: 'lock' });
      await client.hear({ type: 'message', data: 'Lock 4 is open' });

      await view.locator('#invocations button', { hasText: 'FunctionsPublishFunction' }).first().click();
      await view.locator('#detail', { hasText: 'Lock 4 is open' }).waitFor();
      const text = await view.locator('#detail').textContent();
      await view.getByRole('button', { name: 'Replay' }).click();
      await client.hear({ type: 'message', data: 'Lock 4 is open' });

      expect(text).toMatch(/Event.*Result.*statusCode.*Log/s);
    });

    it('says what went wrong with a click, until the next one', async () => {
      const notice = view.locator('#notice');
      await view.route('**/_local/replay', (route) =>
        route.fulfill({ status: 404, contentType: 'application/json', body: '{"message":"it is not kept any more"}' }),
      );
      await view.getByRole('button', { name: 'Replay' }).click();
      await view.getByText('it is not kept any more').waitFor();
      await view.unroute('**/_local/replay');
      await view.getByRole('button', { name: 'Replay' }).click();

      await client.hear({ type: 'message', data: 'Lock 4 is open' });
      expect(await notice.textContent()).toBe('');
    });

    it('drops a connection, which its client notices', async () => {
      await view.getByRole('button', { name: 'Drop' }).click();

      await view.getByText('Nobody is connected.').waitFor();
      await client.closed();
    });

    it('does nothing for a request that is not JSON, or of another page', async () => {
      const url = `${scene.runtime.page}_local/drop`;
      const plain = await fetch(url, { method: 'POST', body: '{"id":"x"}' });
      const foreign = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
        body: '{"id":"x"}',
      });

      expect([plain.status, foreign.status]).toEqual([415, 403]);
    });
  });
}
