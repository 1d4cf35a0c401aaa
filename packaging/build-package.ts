import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { declareTypes } from './declare-types.ts';
import { manifestOf } from './manifest.ts';
import type { BuildSettings, PackageSource } from './packages.ts';
import { ROOT } from './root.ts';

/** Builds one package: code, declarations, further files, package.json, README and license. */
export async function buildPackage(source: PackageSource, settings: BuildSettings): Promise<void> {
  const { folder } = settings;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const imported = await bundle(source, folder);
  const declared = declareTypes(source, settings);
  await source.addFiles?.(folder);
  copyFileSync(join(ROOT, source.source, 'README.md'), join(folder, 'README.md'));
  const license = join(ROOT, 'LICENSE');
  if (existsSync(license)) copyFileSync(license, join(folder, 'LICENSE'));
  const manifest = manifestOf(source, { folder, imported: [...imported, ...declared] });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
