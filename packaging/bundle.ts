import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { builtPathOf, fileNameOf } from './file-names.ts';
import type { PackageSource } from './packages.ts';
import { ROOT } from './root.ts';

/** The language version of the built code, by platform. */
const TARGETS = { browser: 'es2022', node: 'node20' } as const;

/**
 * Bundles the modules, commands and programs of a package, readable and with source maps. Code that several of them
 * share comes in chunks. Packages stay imports. Returns the packages that the code imports.
 */
export async function bundle(source: PackageSource, folder: string): Promise<readonly string[]> {
  const { modules, commands = {}, programs = [], platform } = source;
  const started = [...Object.values(commands), ...programs];
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries([
      ...Object.entries(modules).map(([path, file]) => [fileNameOf(path), file]),
      ...started.map((file) => [builtPathOf(file), file]),
    ]),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    packages: 'external',
    platform,
    target: TARGETS[platform],
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    metafile: true,
  });
  const outputs = Object.keys(metafile.outputs).map((path) => join(ROOT, path));
  for (const map of outputs.filter((path) => path.endsWith('.map'))) detachSources(map);
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports.flatMap(({ path, external }) => (external === true && !isBuiltin(path) ? [path] : []));
}

/** Names the sources of a map by their path in the repository. Their text is in the map: no path leads out. */
function detachSources(file: string): void {
  const map: { readonly sources: readonly string[] } = JSON.parse(readFileSync(file, 'utf8'));
  const sources = map.sources.map((path) => path.replace(/^(\.\.\/)+/, ''));
  writeFileSync(file, JSON.stringify({ ...map, sources }));
}
