import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { build, type BuildFailure, formatMessages } from 'esbuild';

/** A script for browsers, or the reason why it could not be built. */
export type Bundled = { readonly script: string } | { readonly message: string };

interface Cached {
  readonly script: string;
  /** Time of last change in ms of each file in the bundle. */
  readonly changedAt: ReadonlyMap<string, number>;
}

/**
 * Returns a function that bundles a source for browsers in memory. A source is bundled again only when one of its files
 * has changed.
 */
export function createBundler(warn: (message: string) => void): (source: string) => Promise<Bundled> {
  // Bounded by the number of sources in the served directory.
  const cache = new Map<string, Cached>();
  return async (source) => {
    const cached = cache.get(source);
    if (cached !== undefined && (await isCurrent(cached))) return cached;
    try {
      const made = await bundle(source);
      cache.set(source, made);
      return made;
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const message = await explain(error);
      warn(message);
      return { message };
    }
  };
}

async function bundle(source: string): Promise<Cached> {
  const { metafile, outputFiles } = await build({
    entryPoints: [source],
    // Paths in the bundle are relative to the page, so they do not reveal its location.
    absWorkingDir: dirname(source),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  const files = Object.keys(metafile.inputs).map((path) => resolve(dirname(source), path));
  const changes = await Promise.all(files.map(async (file) => [file, await changedAtMs(file)] as const));
  return { script: outputFiles[0]?.text ?? '', changedAt: new Map(changes) };
}

async function isCurrent({ changedAt }: Cached): Promise<boolean> {
  const current = await Promise.all([...changedAt].map(async ([file, atMs]) => (await changedAtMs(file)) === atMs));
  return current.every(Boolean);
}

/** Returns when a file was last changed, in ms. -1 for a missing file, so that its bundle is outdated. */
async function changedAtMs(file: string): Promise<number> {
  return (await stat(file, { throwIfNoEntry: false }))?.mtimeMs ?? -1;
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);

async function explain({ errors }: BuildFailure): Promise<string> {
  const [first = ''] = await formatMessages(errors.slice(0, 1), { kind: 'error', color: false });
  return `The page's script cannot be built.\n${first.trim()}`;
}
