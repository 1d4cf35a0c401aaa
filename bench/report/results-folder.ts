import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHES } from '../benches.ts';
import type { BenchResult } from './result.ts';

/** Reads the newest result of each bench, as committed. */
export function readResults(folder: string): BenchResult[] {
  const files = new Set(readdirSync(folder));
  return BENCHES.map(({ name }) => `${name}.json`)
    .filter((file) => files.has(file))
    .map((file) => {
      const result: BenchResult = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return result;
    });
}

/** Writes the result of a bench. */
export function writeResult(folder: string, result: BenchResult): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.bench}.json`), `${JSON.stringify(result, null, 1)}\n`);
}
