import { FreshFolder } from './fresh-folder.ts';

/**
 * Runs publint, which checks what a package.json promises against the files of its tarball, and attw, which resolves
 * its types as compilers do. The packages are ESM alone, so resolutions of CommonJS do not count.
 */
export async function lintPackages(tarballs: readonly string[]): Promise<void> {
  const folder = new FreshFolder();
  try {
    await folder.install(['publint@0.3.25', '@arethetypeswrong/cli@0.18.5']);
    for (const tarball of tarballs) {
      await folder.run('npx', ['publint', '--strict', tarball]);
      await folder.run('npx', ['attw', '--profile', 'esm-only', tarball]);
    }
  } finally {
    folder.remove();
  }
}
