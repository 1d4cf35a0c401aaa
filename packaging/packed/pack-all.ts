import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../build-package.ts';
import { PACKAGES } from '../packages.ts';

/** The packed packages. */
export interface Tarballs {
  /** The path of each tarball, by the package's name in `packages.ts`. */
  readonly paths: ReadonlyMap<string, string>;
  readonly remove: () => void;
}

/** Builds and packs every package, outside the repository. */
export async function packAll(): Promise<Tarballs> {
  const folder = mkdtempSync(join(tmpdir(), 'distributary-tarballs-'));
  const paths = new Map<string, string>();
  for (const [name, source] of Object.entries(PACKAGES)) {
    const built = join(folder, name);
    await buildPackage(source, { folder: built, keepsReport: true });
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, built], { encoding: 'utf8' });
    const [{ filename }]: [{ readonly filename: string }] = JSON.parse(packed);
    paths.set(name, join(folder, filename));
    process.stdout.write(`packed ${filename}\n`);
  }
  return { paths, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
