import { join } from 'node:path';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';
import { HERE } from '../processes/start-runtime.ts';

/** Synthesizes this application when it is first asked for, and once. */
export function createAssemblies(temporary: string): () => Promise<string> {
  let assembly: Promise<string> | undefined;
  return () => (assembly ??= synthesizeOf(HERE, join(temporary, 'assembly')));
}

/** Synthesizes the application of a checkout. */
export async function synthesizeOf(root: string, outputDirectory: string): Promise<string> {
  const write = (text: string): void => void process.stderr.write(text);
  const terminal = createTerminal({ write, color: false, verbose: false });
  await synthesize({ cdkJson: join(root, 'cdk.json'), outputDirectory }, { terminal });
  return outputDirectory;
}
