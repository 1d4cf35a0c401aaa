import type { FreshFolder } from './fresh-folder.ts';

/** Writes an app by `npx distributary init`, which installs the tarballs of a folder. Its own checks pass then. */
export async function initApp(folder: FreshFolder, tarballs: string): Promise<void> {
  await folder.run('npx', ['distributary', 'init', 'my-chat', '--packages', tarballs]);
  for (const script of ['types', 'test']) await folder.run('npm', ['run', script, '--prefix', 'my-chat']);
}
