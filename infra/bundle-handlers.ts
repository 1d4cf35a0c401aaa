import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');

/** A bundle is an ES module; packages that are not yet find the `require` they expect. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

export interface Bundles {
  /** Directory of each function's code, by the handler's file name. */
  readonly directoryOf: (handler: string) => string;
  readonly remove: () => Promise<void>;
}

/**
 * Bundles every handler in one run of esbuild, into a directory for each. The bytes depend on the sources alone, never on
 * where the checkout or the temporary directory lies: equal sources give equal assets, and an unchanged one is not deployed.
 */
export async function bundleHandlers(handlers: readonly string[]): Promise<Bundles> {
  const directory = await mkdtemp(join(tmpdir(), 'distributary-bundles-'));
  // Source maps name their sources relative to the output: a fixed place inside the checkout, where nothing is written.
  const virtual = join(ROOT, '.bundles');
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: handlers.map((handler) => ({ in: `handlers/${handler}.ts`, out: `${handler}/index` })),
    outdir: virtual,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) {
    const file = join(directory, relative(virtual, path));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
  return {
    directoryOf: (handler) => join(directory, basename(handler)),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
