import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { copyApp } from './app-copy.ts';
import type { BrokenCopy } from './broken-copies.ts';

/** The sign that a broken copy gave, and whether AWS gives it too. */
export interface Observation {
  readonly name: string;
  readonly shown: string;
  readonly isAsOnAws: boolean;
}

/** Breaks a copy of an assembly, runs it, and observes how the fault shows. */
export async function observe(assembly: string, { name, breakIt, use, shows }: BrokenCopy): Promise<Observation> {
  const copy = copyApp(assembly);
  try {
    breakIt(copy);
    copy.save();
    const shown = await run(copy.directory, use);
    return { name, shown, isAsOnAws: shows.test(shown) };
  } finally {
    copy.discard();
  }
}

async function run(assembly: string, use: BrokenCopy['use']): Promise<string> {
  let bench: RuntimeBench;
  try {
    bench = await startBench({}, { assembly });
  } catch (error) {
    return `it does not start: ${String(error)}`;
  }
  try {
    return use === undefined ? 'it starts' : await use(bench);
  } finally {
    await bench.stop();
  }
}
