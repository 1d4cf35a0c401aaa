import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize, type SynthesisOptions } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';

/** The environment variable that names the folder of the synthesized application. */
export const ASSEMBLY_VARIABLE = 'DISTRIBUTARY_TEST_ASSEMBLY';

/** jest's global setup: one synthesis for all tests that run the whole backend. */
export default async function synthesizeOnce(): Promise<void> {
  await synthesizeWith({});
}

/** Synthesizes the application with these settings, for all that run it in this process. */
export async function synthesizeWith(context: SynthesisOptions['context'] = {}): Promise<void> {
  const outputDirectory = await mkdtemp(join(tmpdir(), 'distributary-test-assembly-'));
  const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
  await synthesize({ cdkJson: 'cdk.json', outputDirectory, context }, { terminal });
  process.env[ASSEMBLY_VARIABLE] = outputDirectory;
}
