import { join } from 'node:path';
import type { PageTrial } from './examples/example.ts';
import type { FreshFolder } from './fresh-folder.ts';
import { NO_BROWSER, type PageBrowser } from './page-browser.ts';
import { startCommand } from './running-command.ts';
import { startApp } from './start-app.ts';

/** The trial of one example. */
export interface ExampleTrial {
  readonly example: string;
  readonly tryPages: PageTrial;
}

/**
 * Writes an example into a folder, where it finds its packages. Its types are right; it starts by its own `npm start`;
 * its own test passes; and its pages do what they should. Returns a remark where there is no Chromium.
 */
export async function tryExample(
  folder: FreshFolder,
  { example, tryPages }: ExampleTrial,
  browser: PageBrowser | undefined,
): Promise<string | undefined> {
  await folder.run('npx', ['distributary', 'init', example, '--example', example, '--no-install']);
  await folder.run('npx', ['tsc', '-p', example]);
  const directory = join(folder.path, example);
  const app = await startApp(directory, ['npm', 'start', '--']);
  try {
    await folder.run('npm', ['run', 'test', '--prefix', example], { APP_URL: app.url });
    if (browser === undefined) return NO_BROWSER;
    const start = (script: string, ...args: readonly string[]) => startScript(directory, script, args);
    await tryPages({ page: app.page, open: () => browser.open(app.page), start });
    await browser.closePages();
    return undefined;
  } finally {
    await browser?.closePages().catch(() => undefined);
    await app.stop();
  }
}

/** Starts a script of package.json, and waits for its first line after those of npm. */
async function startScript(folder: string, script: string, args: readonly string[]): Promise<() => Promise<void>> {
  const isReady = (line: string): boolean => line !== '' && !line.startsWith('>');
  const { stop } = await startCommand({ folder, command: ['npm', 'run', script, '--', ...args], isReady });
  return stop;
}
