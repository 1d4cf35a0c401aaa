import { findBrowser } from '../../packaging/packed/browser.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { openPageScene, type PageScene, publish, subscribe } from '../helpers/page-scene.ts';
import { startRuntime } from '../helpers/runtime.ts';

const executablePath = findBrowser();

if (executablePath === undefined) {
  describe('the page', () => {
    it.skip('is not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('the page', () => {
    let scene: PageScene;
    let raw: Dialogue;

    beforeAll(async () => {
      scene = await openPageScene(executablePath);
      raw = await openDialogue(`${scene.runtime.url}?topics=`);
    });

    afterAll(async () => {
      raw.cut();
      await scene.close();
    });

    it('moves the counter of both tabs when plus is pressed in one', async () => {
      const [left, right] = await scene.openTabs(2);
      const before = Number(await right?.locator('#value').textContent());

      await left?.getByRole('button', { name: 'Plus one' }).click();
      await left?.locator('#value', { hasText: new RegExp(`^${before + 1}$`) }).waitFor();
      await right?.locator('#value', { hasText: new RegExp(`^${before + 1}$`) }).waitFor();
      await right?.getByRole('button', { name: 'Minus one' }).click();

      await left?.locator('#value', { hasText: new RegExp(`^${before}$`) }).waitFor();
    });

    it('shows what a raw WebSocket publishes, with its seq', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'news/river');

      raw.say({ action: 'publish', topic: 'news/river', data: 'Lock 4 is open', id: 'lock' });
      const ack = await raw.hear({ type: 'ack', id: 'lock' });
      const line = branch.locator('li', { hasText: 'Lock 4 is open' });
      await line.waitFor();

      expect(await line.locator('.seq').textContent()).toBe(String(ack['seq']));
    });

    it('publishes, marks what is its own, and unsubscribes', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'chat/one');
      raw.say({ action: 'subscribe', topic: 'chat/one' });
      await raw.hear({ type: 'subscribed', topic: 'chat/one' });

      await branch.getByRole('textbox').fill('Good morning');
      await branch.getByRole('button', { name: 'Publish' }).click();
      await raw.hear({ type: 'message', topic: 'chat/one', data: 'Good morning' });
      await branch.locator('li.mine', { hasText: 'Good morning' }).waitFor();
      await branch.getByRole('button', { name: 'Unsubscribe from chat/one' }).click();

      expect(await tab.getByRole('article', { name: 'chat/one' }).count()).toBe(0);
    });

    it('shows markup from the wire as text', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'markup');
      const data = `<img src="x" onerror="document.title='owned'"><script>document.title='owned'</script>`;

      raw.say({ action: 'publish', topic: 'markup', data });
      await branch.locator('li', { hasText: data }).waitFor();

      expect(await tab.locator('.messages img, .messages script').count()).toBe(0);
      expect(await tab.title()).toBe('Distributary');
    });

    it('says why a topic is refused', async () => {
      const tab = await scene.openTab();

      await tab.getByLabel('Topic to subscribe to').fill('not a topic');
      await tab.getByLabel('Topic to subscribe to').press('Enter');

      await tab.locator('#topics-remark[data-bad]', { hasText: 'not a topic' }).waitFor();
      expect(await tab.getByRole('article', { name: 'not a topic' }).count()).toBe(0);
    });

    it('keeps the last 200 messages of a topic', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'flood');
      const last = 205;

      // In few frames: under load, the runtime refuses some of many.
      const messages = Array.from({ length: last }, (_, index) => ({ count: index + 1 }));
      for (let from = 0; from < last; from += 50) {
        await raw.ask({ action: 'publish', topic: 'flood', messages: messages.slice(from, from + 50) });
      }
      await branch.locator(`li[data-seq="${last}"]`).waitFor();

      expect(await branch.locator('li').count()).toBe(200);
      expect(await branch.locator('li').first().getAttribute('data-seq')).toBe('6');
    });

    it('can be used by the keyboard alone', async () => {
      const tab = await scene.openTab();
      const before = Number(await tab.locator('#value').textContent());
      const focused = (): Promise<unknown> =>
        tab.evaluate(`document.activeElement.getAttribute('aria-label') ?? document.activeElement.id`);

      await tab.keyboard.press('Tab');
      await tab.keyboard.press('Tab');
      const atPlus = await focused();
      await tab.keyboard.press('Enter');
      await tab.locator('#value', { hasText: new RegExp(`^${before + 1}$`) }).waitFor();
      await tab.keyboard.press('Tab');
      const atTopic = await focused();
      await tab.keyboard.type('by/keyboard');
      await tab.keyboard.press('Enter');
      await tab.getByRole('article', { name: 'by/keyboard' }).waitFor();
      const atText = await focused();
      await tab.keyboard.type('typed');
      await tab.keyboard.press('Enter');
      await tab.locator('li', { hasText: 'typed' }).waitFor();
      const outline = await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle');

      expect([atPlus, atTopic, atText]).toEqual(['Plus one', 'topic', 'Publish to by/keyboard']);
      expect(outline).toBe('solid');
    });

    it('fits a screen of 360 pixels, whatever is published', async () => {
      const tab = await scene.openTab({ viewport: { width: 360, height: 740 } });
      const branch = await subscribe(tab, `narrow/${'x'.repeat(100)}`);
      await branch.getByRole('textbox').fill('w'.repeat(400));
      await branch.getByRole('button', { name: 'Publish' }).click();
      await branch.locator('li').waitFor();

      const widths = await tab.evaluate('[document.documentElement.scrollWidth, innerWidth]');

      expect(widths).toEqual([360, 360]);
    });

    it('loads nothing from elsewhere and complains of nothing', async () => {
      const tab = await (await scene.browser.newContext()).newPage();
      const requests: string[] = [];
      const complaints: string[] = [];
      tab.on('request', (request) => requests.push(new URL(request.url()).origin));
      tab.on('console', (message) => complaints.push(message.text()));
      tab.on('pageerror', (error) => complaints.push(error.message));

      await tab.goto(scene.runtime.page);
      await tab.locator('#status[data-status="online"]').waitFor();

      expect(new Set(requests)).toEqual(new Set([new URL(scene.runtime.page).origin]));
      expect(complaints).toEqual([]);
    });

    it('shows a counter that is named like a topic, with its buttons, and remembers it', async () => {
      const tab = await scene.openTab();
      await tab.getByLabel('Topic to subscribe to').fill('counter:other');
      await tab.getByLabel('Topic to subscribe to').press('Enter');
      const branch = tab.getByRole('article', { name: 'counter:other' });

      await branch.locator('.value', { hasText: /^0$/ }).waitFor();
      await branch.getByRole('button', { name: 'Plus one for counter:other' }).click();
      await branch.locator('.value', { hasText: /^1$/ }).waitFor();
      await tab.reload();
      await branch.locator('.value', { hasText: /^1$/ }).waitFor();
      await branch.getByRole('button', { name: 'Minus one for counter:other' }).click();
      await branch.locator('.value', { hasText: /^0$/ }).waitFor();
      await branch.getByRole('button', { name: 'Unsubscribe from counter:other' }).click();

      expect(await branch.count()).toBe(0);
    });

    it.each([
      ['counter:global-counter', 'is the counter at the top of this page'],
      ['counter:', 'This name is not possible'],
    ])('answers the name %j in words for a person', async (name, words) => {
      const tab = await scene.openTab();

      await tab.getByLabel('Topic to subscribe to').fill(name);
      await tab.getByLabel('Topic to subscribe to').press('Enter');
      await tab.locator('#topics-remark', { hasText: words }).waitFor();

      expect(await tab.getByRole('article', { name, exact: true }).count()).toBe(0);
    });

    it('publishes under a name that it keeps, and shows names as text', async () => {
      const tab = await scene.openTab();
      const name = '<b onclick="alert(1)">Ada</b>';
      await tab.getByLabel('Your name').fill(name);
      await tab.reload();
      const branch = await subscribe(tab, 'named');
      raw.say({ action: 'subscribe', topic: 'named' });
      await raw.hear({ type: 'subscribed', topic: 'named' });

      await publish(branch, 'Good morning');
      const { data } = await raw.hear({ type: 'message', topic: 'named' });
      const from = branch.locator('li.mine .from');
      await from.waitFor();

      expect(data).toEqual({ from: name, text: 'Good morning' });
      expect(await from.textContent()).toBe(name);
      expect(await branch.locator('.messages b').count()).toBe(0);
    });

    it('shows data of another form than a name and a text as JSON', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'forms');
      const forms = [{ from: 1, text: 'x' }, { from: 'Ada', text: 'x', more: 1 }, { from: 'Ada' }, null, ['Ada']];

      for (const data of forms) raw.say({ action: 'publish', topic: 'forms', data });
      await branch.locator(`li[data-seq="${forms.length}"]`).waitFor();

      const shown = await branch.locator('.body[data-json]').allTextContents();
      expect(shown.toSorted()).toEqual(forms.map((data) => JSON.stringify(data)).toSorted());
    });

    // The last one: it ends the runtime that the others use.
    it('says that it is offline, and recovers with what was pressed in the meantime', async () => {
      const tab = await scene.openTab();
      const { port } = new URL(scene.runtime.page);

      await scene.runtime.stop();
      await tab.locator('#status[data-status="offline"]').waitFor();
      const said = await tab.locator('#status').textContent();
      const shown = Number(await tab.locator('#value').textContent());
      await tab.getByRole('button', { name: 'Plus one' }).click();
      const shownAtOnce = Number(await tab.locator('#value').textContent());
      scene.runtime = await startRuntime(['--port', port]);
      await tab.locator('#status[data-status="online"]').waitFor();

      expect(said).toContain('Offline');
      expect(shownAtOnce).toBe(shown + 1);
      // The runtime keeps nothing between two runs: what waited is all there is.
      await tab.locator('#value', { hasText: /^1$/ }).waitFor();
    });
  });
}
