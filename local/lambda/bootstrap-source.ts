import { build } from 'esbuild';
import { programPath } from '../program-path.ts';

let source: Promise<string> | undefined;

/**
 * Returns the bootstrap as one JavaScript text, built once per process. Execution environments run this text instead of
 * the file: stripping types would cost each process 18 MB and 27 ms, and every environment is a process.
 */
export function bootstrapSource(): Promise<string> {
  source ??= bundleBootstrap().catch((error: unknown) => {
    // The cause may be transient (no process could be started), so the next call builds again.
    source = undefined;
    throw error;
  });
  return source;
}

async function bundleBootstrap(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [programPath('lambda/bootstrap')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('esbuild returned no bundle of the bootstrap');
  return bundle.text;
}
