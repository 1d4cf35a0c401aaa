import { chromium, type Page } from 'playwright-core';
import { findBrowser, LAUNCH_ARGS } from './browser.ts';

/** Time in ms within which a page shows a text, 30,000. A page that takes longer does not show it. */
const SHOWN_MS = 30_000;

/** A page in a browser. */
export interface WatchedPage {
  /** Resolves when each text is on the page. Rejects with what is there instead. */
  readonly shows: (texts: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a page in Chromium, and waits for a text on it; undefined where there is no Chromium. */
export async function watchPage(url: string, text: string): Promise<WatchedPage | undefined> {
  const executablePath = findBrowser();
  if (executablePath === undefined) return undefined;
  const browser = await chromium.launch({ executablePath, args: [...LAUNCH_ARGS] });
  const close = (): Promise<void> => browser.close();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const shows = (texts: readonly string[]) => waitFor(page, texts);
    await shows([text]);
    return { shows, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function waitFor(page: Page, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    try {
      await page.getByText(text, { exact: true }).first().waitFor({ timeout: SHOWN_MS });
    } catch (cause) {
      throw new Error(`The page does not show ${text}: ${await page.locator('body').innerText()}`, { cause });
    }
  }
}
