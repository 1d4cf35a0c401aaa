import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, type Metafile, type OutputFile } from 'esbuild';
import { ENVIRONMENT, type Poster } from '../shared/config.ts';
import { builtinsByName, namesAndVersions, onePowertoolsCommons, replaceUnused } from './bundle-plugins.ts';
import { ownSourceMap } from './own-source-map.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Source maps name their sources relative to the output: a fixed place inside the checkout, where nothing is written. */
const VIRTUAL = join(ROOT, '.bundles');

/** One source of a bundle and how much of the bundle it makes up. */
export interface BundledSource {
  /** Relative to the checkout. */
  readonly path: string;
  readonly bytes: number;
}

export interface Bundles {
  /** Directory of each function's code, by the handler's file name. */
  readonly directoryOf: (handler: string) => string;
  /** What a handler's bundle consists of. */
  readonly contentsOf: (handler: string) => readonly BundledSource[];
  readonly remove: () => Promise<void>;
}

/**
 * Bundles every handler in one run of esbuild, into a directory for each. The bytes depend on the sources alone, never on
 * where the checkout or the temporary directory lies: equal sources give equal assets, and an unchanged one is not deployed.
 * Each bundle holds one poster: by default that of the default setting.
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
