import type { FreshFolder } from './fresh-folder.ts';

/** The folder of the new app. */
const APP = 'my-chat';

/** Writes an app by `npx distributary init`, which installs the tarballs of a folder. Its own checks pass then. */
export async function initApp(folder: FreshFolder, tarballs: string): Promise<void> {
  await folder.run('npx', ['distributary', 'init', APP, '--packages', tarballs]);
  for (const script of ['types', 'test']) await folder.run('npm', ['run', script, '--prefix', APP]);
}
