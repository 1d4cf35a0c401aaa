import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './root.ts';

/** The endings of the page's files that are copied. Its sources are bundled. */
const COPIED = ['.html', '.css', '.svg'];

/**
 * Adds what the commands look for beside their code: the program that runs in each execution environment, the pages
 * with their scripts, and the files of a new app.
 */
export async function addParts(folder: string): Promise<void> {
  // One file without chunks: the runtime hands it to a process as a text.
  await bundleAlone({ in: 'local/lambda/bootstrap.ts', out: join(folder, 'local/lambda/bootstrap'), target: 'node24' });
  for (const script of ['page', 'view']) {
    await bundleAlone({ in: `web/${script}.ts`, out: join(folder, 'web', script), target: 'es2022' });
  }
  cpSync(join(ROOT, 'cli/template'), join(folder, 'cli/template'), { recursive: true });
  cpSync(join(ROOT, 'web'), join(folder, 'web'), { recursive: true, filter: isOfPage });
}

interface Alone {
  readonly in: string;
  readonly out: string;
  readonly target: 'node24' | 'es2022';
}

async function bundleAlone({ in: source, out, target }: Alone): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile: `${out}.js`,
    bundle: true,
    format: 'esm',
    platform: target === 'node24' ? 'node' : 'browser',
    target,
  });
}

const isOfPage = (path: string): boolean => path.endsWith('web') || COPIED.some((ending) => path.endsWith(ending));
