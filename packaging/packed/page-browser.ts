import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser, LAUNCH_ARGS } from './browser.ts';
import { Wire } from './wire.ts';

/** The remark of a trial that has left out its pages. */
export const NO_BROWSER = 'without the page: there is no chromium here (apt-get install chromium)';

/** A page, and its connections to the stage. */
export interface OpenPage {
  readonly tab: Page;
  readonly wire: Wire;
}

/** One Chromium for all trials. */
export class PageBrowser {
  readonly #executablePath: string;
  #browser: Promise<Browser> | undefined;
  /** The errors that pages have thrown or logged since they were taken last. */
  #errors: string[] = [];

  constructor(executablePath: string) {
    this.#executablePath = executablePath;
  }

  /** Opens a page as another person would: in a browser that remembers nothing. */
  async open(url: string): Promise<OpenPage> {
    this.#browser ??= chromium.launch({ executablePath: this.#executablePath, args: [...LAUNCH_ARGS] });
    const context = await (await this.#browser).newContext();
    const [tab, wire] = [await context.newPage(), new Wire()];
    tab.on('pageerror', ({ message }) => this.#errors.push(message));
    tab.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text());
    });
    await tab.routeWebSocket(/\/live/, (socket) => wire.take(socket));
    await tab.goto(url);
    return { tab, wire };
  }

  /** Closes the pages. Throws for an error that one of them has thrown or logged. */
  async closePages(): Promise<void> {
    const contexts = (await this.#browser)?.contexts() ?? [];
    await Promise.all(contexts.map((context) => context.close()));
    const errors = this.#errors.splice(0);
    if (errors.length > 0) throw new Error(`A page has errors:\n${errors.join('\n')}`);
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
  }
}

/** Returns the Chromium of this machine, which starts with the first page; undefined where there is none. */
export function findPageBrowser(): PageBrowser | undefined {
  const executablePath = findBrowser();
  return executablePath === undefined ? undefined : new PageBrowser(executablePath);
}
