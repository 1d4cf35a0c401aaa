import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { LAUNCH_ARGS } from '../../packaging/packed/browser.ts';
import { Wire } from '../../packaging/packed/wire.ts';
import { type RunningRuntime, startRuntime } from './runtime.ts';

/** Starts the runtime and a browser. */
export async function openPageScene(executablePath: string): Promise<PageScene> {
  const [runtime, browser] = await Promise.all([
    startRuntime(),
    chromium.launch({ executablePath, args: LAUNCH_ARGS }),
  ]);
  return new PageScene(runtime, browser);
}

/** A runtime, and a browser that shows its page. */
export class PageScene {
  readonly browser: Browser;
  runtime: RunningRuntime;

  constructor(runtime: RunningRuntime, browser: Browser) {
    this.runtime = runtime;
    this.browser = browser;
  }

  /** Opens tabs of one browser that remember nothing of another test's. */
  async openTabs(count: number, options: BrowserContextOptions = {}): Promise<Page[]> {
    const context = await this.browser.newContext(options);
    return await Promise.all(Array.from({ length: count }, async () => this.#load(await context.newPage())));
  }

  async openTab(options: BrowserContextOptions = {}): Promise<Page> {
    return await this.#load(await (await this.browser.newContext(options)).newPage());
  }

  /** Opens a tab whose clock and connections are in the test's hands. */
  async openWiredTab(): Promise<{ tab: Page; wire: Wire }> {
    const tab = await (await this.browser.newContext()).newPage();
    await tab.clock.install();
    const wire = new Wire();
    await tab.routeWebSocket(/\/live/, (socket) => wire.take(socket));
    return { tab: await this.#load(tab), wire };
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.runtime.stop();
  }

  async #load(tab: Page): Promise<Page> {
    await tab.goto(this.runtime.page);
    await tab.locator('#status[data-status="online"]').waitFor();
    await tab.locator('#value', { hasText: /\d/ }).waitFor();
    return tab;
  }
}

/** Types a text and presses the button. */
export async function publish(branch: Locator, text: string): Promise<void> {
  await branch.getByRole('textbox').fill(text);
  await branch.getByRole('button', { name: 'Publish', exact: true }).click();
}

/** Subscribes to a topic and waits until it is live. */
export async function subscribe(tab: Page, topic: string): Promise<Locator> {
  await tab.getByLabel('Topic to subscribe to').fill(topic);
  await tab.getByLabel('Topic to subscribe to').press('Enter');
  const branch = tab.getByRole('article', { name: topic, exact: true });
  await branch.locator('.branch-state', { hasText: 'Live' }).waitFor();
  return branch;
}
