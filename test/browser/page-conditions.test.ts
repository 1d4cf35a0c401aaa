import { REQUEST_TIMEOUT_MS } from '../../client/src/bounds.ts';
import { findBrowser } from '../../packaging/packed/browser.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { openPageScene, type PageScene, publish, subscribe } from '../helpers/page-scene.ts';

/** A time in ms past the longest pause before a reconnect and the longest opening. */
const RECONNECT_MS = 45_000;

/** The messages of the first topic that a test subscribes to, after the one that the page opens. */
const LOG = `document.querySelector('.branch:nth-child(2) .messages')`;

/** Whether the list scrolls and shows its end. */
const AT_END = `${LOG}.scrollHeight > ${LOG}.clientHeight &&
  ${LOG}.scrollHeight - ${LOG}.scrollTop - ${LOG}.clientHeight < 2`;

/** The list has room for all its text in one frame, and not any more in the next. */
const GROW_FOR_ONE_FRAME = `new Promise((done) => {
  const { parentElement } = ${LOG};
  const shrink = () => {
    parentElement.style.minHeight = '';
    requestAnimationFrame(() => setTimeout(done));
  };
  requestAnimationFrame(() => {
    parentElement.style.minHeight = '3000px';
    new ResizeObserver((entries, observer) => {
      observer.disconnect();
      setTimeout(shrink);
    }).observe(parentElement);
  });
})`;

const executablePath = findBrowser();

if (executablePath === undefined) {
  describe('the page under changing conditions', () => {
    it.skip('is not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('the page under changing conditions', () => {
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

    it('publishes a text whose answer was lost once, when it is published again', async () => {
      const { tab, wire } = await scene.openWiredTab();
      const branch = await subscribe(tab, 'chat/lost');
      const heard = await openDialogue(`${scene.runtime.url}?topics=chat/lost`);
      wire.dropsAcks = true;
      await publish(branch, 'Once only');
      await heard.hear({ type: 'message', topic: 'chat/lost', data: 'Once only' });
      await tab.clock.runFor(REQUEST_TIMEOUT_MS + 1_000);
      const unsent = branch.locator('.unsent li', { hasText: 'Once only' });
      await unsent.getByText('it may have been published or not').waitFor();

      wire.dropsAcks = false;
      await unsent.getByRole('button', { name: 'Publish again' }).click();
      await unsent.waitFor({ state: 'detached' });
      await publish(branch, 'Next');
      await heard.hear({ type: 'message', topic: 'chat/lost', data: 'Next', seq: 2 });
      await branch.locator('li.mine[data-seq="1"]').waitFor();

      expect(heard.heard.filter(({ data }) => data === 'Once only')).toHaveLength(1);
      heard.cut();
    });

    it('keeps each text that was not sent, and publishes it on demand', async () => {
      const { tab, wire } = await scene.openWiredTab();
      const branch = await subscribe(tab, 'chat/unsent');
      wire.cut();
      await tab.locator('#status[data-status="offline"]').waitFor();
      await publish(branch, 'First');
      await branch.getByText('waits up to 30 seconds').waitFor();
      await publish(branch, 'Second');
      await branch.getByRole('textbox').fill('typed since');
      await tab.clock.runFor(REQUEST_TIMEOUT_MS + 1_000);
      const unsent = branch.locator('.unsent li');
      await unsent.nth(1).waitFor();
      const kept = await unsent.locator('.body').allTextContents();
      const notes = await unsent.locator('.note').allTextContents();

      wire.mend();
      await tab.clock.runFor(RECONNECT_MS);
      await tab.locator('#status[data-status="online"]').waitFor();
      await unsent.first().getByRole('button', { name: 'Publish again' }).click();
      await branch.locator('li.mine', { hasText: 'First' }).waitFor();
      await unsent.first().getByRole('button', { name: 'Discard' }).click();

      expect(kept).toEqual(['First', 'Second']);
      expect(new Set(notes)).toEqual(new Set(['Not published: there was no connection.']));
      expect(await unsent.count()).toBe(0);
      expect(await branch.getByRole('textbox').inputValue()).toBe('typed since');
    });

    it('puts a text that is refused back into the field, with the reason', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'chat/long');
      const text = 'x'.repeat(30_000);

      await publish(branch, text);
      await branch.getByText('The text is too long.').waitFor();

      expect(await branch.getByRole('textbox').inputValue()).toBe(text);
    });

    it('stays at the newest message when columns or the window become narrower', async () => {
      const tab = await scene.openTab({ viewport: { width: 1280, height: 800 } });
      const branch = await subscribe(tab, 'pinned');
      const data = 'The river has risen by four centimetres since noon and will rise further. '.repeat(2);
      await raw.ask({ action: 'publish', topic: 'pinned', messages: Array.from({ length: 15 }, () => data) });
      await branch.locator('li[data-seq="15"]').waitFor();
      // The page's own policy forbids `waitForFunction` to look twice.
      const isAtEnd = (): Promise<void> =>
        eventually(async () => expect(await tab.evaluate(AT_END)).toBe(true), 'the list is at its end');

      await subscribe(tab, 'pinned/second');
      await subscribe(tab, 'pinned/third');
      await isAtEnd();
      await tab.setViewportSize({ width: 320, height: 640 });
      await isAtEnd();
      await tab.setViewportSize({ width: 1280, height: 800 });
      await isAtEnd();
    });

    it('stays at the newest message when the list grows for one frame', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'one-frame');
      await raw.ask({ action: 'publish', topic: 'one-frame', messages: Array.from({ length: 40 }, () => 'x') });
      await branch.locator('li[data-seq="40"]').waitFor();

      await tab.evaluate(GROW_FOR_ONE_FRAME);

      expect(await tab.evaluate(AT_END)).toBe(true);
    });

    it('leaves a reader who has scrolled up where he is', async () => {
      const tab = await scene.openTab();
      const branch = await subscribe(tab, 'scrolled');
      await raw.ask({ action: 'publish', topic: 'scrolled', messages: Array.from({ length: 40 }, () => 'x') });
      await branch.locator('li[data-seq="40"]').waitFor();

      await tab.evaluate(`new Promise((done) => { ${LOG}.onscroll = () => done(); ${LOG}.scrollTop = 0; })`);
      raw.say({ action: 'publish', topic: 'scrolled', data: 'last' });
      await branch.locator('li[data-seq="41"]').waitFor();
      await tab.setViewportSize({ width: 320, height: 640 });
      const top = await tab.evaluate(
        `new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(${LOG}.scrollTop))))`,
      );

      expect(top).toBe(0);
    });

    it('says offline, and not that it catches up, while there is no connection', async () => {
      const { tab, wire } = await scene.openWiredTab();
      const branch = await subscribe(tab, 'cut/off');

      wire.cut();
      await tab.locator('#status[data-status="offline"]').waitFor();
      const states = await tab.locator('.branch-state').allTextContents();
      wire.mend();
      await tab.clock.runFor(RECONNECT_MS);
      await branch.locator('.branch-state', { hasText: 'Live' }).waitFor();

      expect(new Set(states)).toEqual(new Set(['Offline']));
    });

    it('leaves room for messages at 320 pixels, however long the names are', async () => {
      const tab = await scene.openTab({ viewport: { width: 320, height: 640 } });
      await tab.getByLabel('Your name').fill('Wilhelmina '.repeat(3));
      const branch = await subscribe(tab, `long/${'name-of-a-river/'.repeat(7)}x`);
      await publish(branch, 'Here');
      await branch.locator('li .from').waitFor();
      const [log, from, width] = await Promise.all([
        branch.getByRole('log').boundingBox(),
        branch.locator('li .from').boundingBox(),
        tab.evaluate('document.documentElement.scrollWidth'),
      ]);

      expect(log?.height).toBeGreaterThan(150);
      expect(from?.width).toBeLessThan(120);
      expect(width).toBe(320);
    });
  });
}
