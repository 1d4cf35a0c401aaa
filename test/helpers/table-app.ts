import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/assembly/synthesize.ts';
import type { RuntimeOptions } from '../../local/runtime.ts';
import { createTerminal } from '../../local/terminal.ts';
import { type RuntimeBench, startBench } from './runtime-in-process.ts';

/** Starts the app of test/helpers/table-app in this process: a Distributary with topics from two tables. */
export async function startTableApp(options: Partial<RuntimeOptions> = {}): Promise<RuntimeBench> {
  const assembly = await mkdtemp(join(tmpdir(), 'distributary-table-app-'));
  const remove = () => rm(assembly, { recursive: true, force: true });
  try {
    const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
    const cdkJson = join(import.meta.dirname, 'table-app', 'cdk.json');
    await synthesize({ cdkJson, outputDirectory: assembly }, { terminal });
    const bench = await startBench({}, { ...options, assembly });
    const stop = async (): Promise<void> => {
      await bench.stop();
      await remove();
    };
    return { ...bench, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
