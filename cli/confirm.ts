import { createInterface } from 'node:readline/promises';
import { UsageError } from './operator-error.ts';

/** Asks a person before something is destroyed or made for good. Throws UsageError without a terminal. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${question} There is no terminal to answer at: confirm by --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await terminal.question(`${question} [y/N] `, { signal }));
  } catch (error) {
    // Ctrl-C means no.
    if (signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
