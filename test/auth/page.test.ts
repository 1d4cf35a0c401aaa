import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser, LAUNCH_ARGS } from '../../packaging/packed/browser.ts';
import { authenticatedPort, createTokenClients, EVERYTHING } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { subscribe } from '../helpers/page-scene.ts';

const executablePath = findBrowser();

if (executablePath === undefined) {
  describe('the page, where the server asks for tokens', () => {
    it.skip('is not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('the page, where the server asks for tokens', () => {
    const clients = createTokenClients();
    let browser: Browser;
    let tab: Page;
    const urls: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: LAUNCH_ARGS });
      tab = await (await browser.newContext()).newPage();
      tab.on('request', (request) => urls.push(request.url()));
      tab.on('websocket', (socket) => urls.push(socket.url()));
      await tab.goto(`http://127.0.0.1:${authenticatedPort()}/`);
      await online();
    });

    afterAll(async () => {
      clients.cutAll();
      await browser.close();
    });

    const online = () => tab.locator('#status[data-status="online"]').waitFor();

    /** Takes another identity by the form, as a person does. */
    async function become(sub: string, { reads, writes }: { reads: string; writes: string }): Promise<void> {
      await tab.locator('#identity summary').click();
      await tab.getByLabel('Subject').fill(sub);
      await tab.getByLabel('May read').fill(reads);
      await tab.getByLabel('May write').fill(writes);
      await tab.getByRole('button', { name: 'Be this one' }).click();
      await tab.locator('#who', { hasText: sub }).waitFor();
      await online();
    }

    it('is a guest first, and publishes as the one whom its form names, with no token in a URL', async () => {
      const [ann, news] = [unusedName('ann'), unusedName('news')];
      const first = await tab.locator('#who').textContent();
      await become(ann, { reads: `${news}/*`, writes: `${news}/x` });
      const reader = await clients.connectAs(EVERYTHING, [`${news}/x`]);
      await reader.hear({ type: 'subscribed', topic: `${news}/x` });

      // A wildcard: the form names the topic.
      const branch = await subscribe(tab, `${news}/*`);
      await branch.getByLabel(`Topic under ${news}/* to publish to`).fill(`${news}/x`);
      await branch.getByLabel(`Publish to ${news}/*`).fill('Good morning');
      await branch.getByRole('button', { name: 'Publish', exact: true }).click();
      const message = await reader.hear({ type: 'message', topic: `${news}/x` });
      const line = branch.locator('li.mine', { hasText: 'Good morning' });
      await line.waitFor();

      expect(first).toBe('guest');
      expect(message).toMatchObject({ from: ann, data: 'Good morning' });
      expect([await line.locator('.subject').textContent(), await line.locator('.topic').textContent()]).toEqual([
        ann,
        `${news}/x`,
      ]);
      expect(urls.filter((url) => url.includes('token='))).toEqual([]);
    });

    it('says what its identity may not do', async () => {
      const news = unusedName('news');
      await become(unusedName('bob'), { reads: news, writes: '' });

      await tab.getByLabel('Topic to subscribe to').fill(`${news}-2`);
      await tab.getByLabel('Topic to subscribe to').press('Enter');
      await tab.locator('#topics-remark[data-bad]', { hasText: 'You may not do this' }).waitFor();
      const branch = await subscribe(tab, news);
      await branch.getByLabel(`Publish to ${news}`).fill('Let me in');
      await branch.getByRole('button', { name: 'Publish', exact: true }).click();
      await branch.locator('.remark', { hasText: 'You may not do this' }).waitFor();

      expect(await branch.locator('li').count()).toBe(0);
    });

    it('says that it is not let in', async () => {
      await tab.evaluate(`localStorage.setItem('distributary.identity', '{"sub":" ","reads":"*","writes":"*"}')`);
      await tab.route('**/_runtime/tokens', (route) =>
        route.fulfill({ json: { token: 'no.good.token', expiresAt: 0, hasAuthorizer: true } }),
      );
      await tab.reload();

      await tab.locator('#notice[data-bad]', { hasText: 'does not let this identity in' }).waitFor();

      expect(await tab.locator('#status').getAttribute('data-status')).not.toBe('online');
    });
  });
}
