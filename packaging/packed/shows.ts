import { setTimeout as pause } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';

/** The time in ms within which a page shows something, 100,000. A page that takes longer does not show it. */
const SHOWN_MS = 100_000;

/** The time in ms between two looks at a page. */
const LOOK_MS = 50;

/** Resolves when each text is on the page, alone in an element. Rejects with what is there instead. */
export async function shows(tab: Page, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const found = tab.getByText(text, { exact: true }).first();
    await found.waitFor({ timeout: SHOWN_MS }).catch(async (cause: unknown) => {
      throw new Error(`The page does not show ${text}: ${await tab.locator('body').innerText()}`, { cause });
    });
  }
}

/** Resolves when a page says that it has no connection: it waits for the next try, or tries. */
export const showsNoConnection = (tab: Page): Promise<void> =>
  tab
    .getByText(/^(offline|connecting)/)
    .first()
    .waitFor({ timeout: SHOWN_MS });

/** Resolves to the text of an element when it satisfies a condition. Rejects with the text that is there instead. */
export async function textOf(element: Locator, isMet: (text: string) => boolean | Promise<boolean>): Promise<string> {
  const endMs = performance.now() + SHOWN_MS;
  for (;;) {
    const text = await element.innerText();
    if (await isMet(text)) return text;
    if (performance.now() > endMs) throw new Error(`${String(element)} shows ${text}`);
    await pause(LOOK_MS);
  }
}
