import type { FreshFolder } from './fresh-folder.ts';

/** The folder of the new app. */
const APP = 'my-chat';

/** Writes an app by `npx distributary init`, which installs the tarballs of a folder. Its own checks pass then. */
export async function initApp(folder: FreshFolder, tarballs: string): Promise<void> {
  await folder.run('npx', ['distributary', 'init', APP, '--packages', tarballs]);
  for (const script of ['types', 'test']) await folder.run('npm', ['run', script, '--prefix', APP]);
}

/**
 * Writes an example, which finds the packages of the folder around it, and the compiler in the new app beside it. Its
 * own checks pass then.
 */
export async function initExample(folder: FreshFolder, example: string): Promise<void> {
  await folder.run('npx', ['distributary', 'init', example, '--example', example, '--no-install']);
  await folder.run(`${APP}/node_modules/.bin/tsc`, ['-p', example, '--typeRoots', `${APP}/node_modules/@types`]);
  await folder.run('npm', ['run', 'test', '--prefix', example]);
}
