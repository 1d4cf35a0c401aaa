import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

let source: Promise<string> | undefined;

/**
 * The bootstrap as one text of JavaScript, made once per process. Execution environments run this text, not the file: the
 * module that strips types would cost each process that loads it 18 MB and 27 ms, and there is a process per environment.
 */
export function bootstrapSource(): Promise<string> {
  source ??= bundleBootstrap().catch((error: unknown) => {
    // What failed once (no process to be had) may go well next time.
    source = undefined;
    throw error;
  });
  return source;
}

async function bundleBootstrap(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./bootstrap.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('the bootstrap was bundled into nothing');
  return bundle.text;
}
