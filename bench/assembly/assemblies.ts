import { join } from 'node:path';
import { synthesize } from '../../local/assembly/synthesize.ts';
import type { Json } from '../../local/model.ts';
import { createTerminal } from '../../local/terminal.ts';
import { HERE } from '../processes/start-runtime.ts';

/** Returns a function that synthesizes this application at the first call, and returns the same assembly after that. */
export function createAssemblies(temporary: string): () => Promise<string> {
  let assembly: Promise<string> | undefined;
  return () => (assembly ??= synthesizeOf(HERE, join(temporary, 'assembly')));
}

/**
 * Synthesizes the application of a checkout, and returns the directory of its assembly. Rate limits are off unless the
 * settings name some: most benches load one connection as much as it takes.
 */
export async function synthesizeOf(
  root: string,
  outputDirectory: string,
  settings: Readonly<Record<string, Json>> = { rateLimits: 'off' },
): Promise<string> {
  const write = (text: string): void => void process.stderr.write(text);
  const terminal = createTerminal({ write, color: false, verbose: false });
  await synthesize({ cdkJson: join(root, 'cdk.json'), outputDirectory, context: settings }, { terminal });
  return outputDirectory;
}
