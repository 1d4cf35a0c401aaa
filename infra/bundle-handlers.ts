import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, type Metafile, type OutputFile } from 'esbuild';
import { ENVIRONMENT, type Poster } from '../shared/config.ts';
import { builtinsByName, namesAndVersions, onePowertoolsCommons, replaceUnused } from './bundle-plugins.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import { ownSourceMap } from './own-source-map.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * The nominal output directory of esbuild, where nothing is written. Source maps name their sources relative to it, so
 * it has a fixed place in the checkout.
 */
const VIRTUAL = join(ROOT, '.bundles');

/** A source file of a bundle. */
export interface BundledSource {
  /** The path, relative to the checkout. */
  readonly path: string;
  /** The number of bytes that it adds to the bundle. */
  readonly bytes: number;
}

/** The bundles of one run of the bundler. */
export interface Bundles extends HandlerBundles {
  /** Returns the source files of a handler's bundle. */
  readonly contentsOf: (handler: string) => readonly BundledSource[];
  /** Deletes the bundles. */
  readonly remove: () => Promise<void>;
}

/**
 * Bundles all handlers in one run of esbuild, each into its directory. The bytes depend only on the sources, not on the
 * paths of the checkout or the temporary directory: equal sources give equal assets, and CDK does not deploy an
 * unchanged asset again.
 */
export async function bundleHandlers(handlers: readonly string[], poster: Poster = 'fast'): Promise<Bundles> {
  const directory = await mkdtemp(join(tmpdir(), 'distributary-bundles-'));
  const { outputFiles, metafile } = await buildAll(handlers, poster);
  for (const file of outputFiles) await write(directory, file);
  return {
    directoryOf: (handler) => join(directory, basename(handler)),
    contentsOf: (handler) => contentsOf(metafile, handler),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

const buildAll = (handlers: readonly string[], poster: Poster) =>
  build({
    absWorkingDir: ROOT,
    entryPoints: handlers.map((handler) => ({ in: `handlers/${handler}.ts`, out: `${handler}/index` })),
    outdir: VIRTUAL,
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    define: { [`process.env.${ENVIRONMENT.poster}`]: JSON.stringify(poster) },
    plugins: [replaceUnused, builtinsByName, namesAndVersions, onePowertoolsCommons],
    logLevel: 'warning',
  });

async function write(directory: string, { path, contents, text }: OutputFile): Promise<void> {
  const file = join(directory, relative(VIRTUAL, path));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, path.endsWith('.map') ? ownSourceMap(text) : contents);
}

function contentsOf({ outputs }: Metafile, handler: string): BundledSource[] {
  const { inputs = {} } = outputs[`${relative(ROOT, VIRTUAL)}/${handler}/index.mjs`] ?? {};
  return Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }));
}
