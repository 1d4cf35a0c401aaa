import { FreshFolder } from './fresh-folder.ts';

/** Runs publint, which checks what a package.json promises against the files of its tarball. */
export async function lintPackages(tarballs: readonly string[]): Promise<void> {
  const folder = new FreshFolder();
  try {
    await folder.install(['publint@0.3.25']);
    for (const tarball of tarballs) await folder.run('npx', ['publint', '--strict', tarball]);
  } finally {
    folder.remove();
  }
}
