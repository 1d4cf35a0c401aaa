import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../harness/statistics.ts';
import type { Measured } from '../model.ts';
import type { Machine } from './machine.ts';
import { BENCHES } from '../benches.ts';

/** Significant digits of a stored value: a measurement supports no more. */
const DIGITS = 4;

interface Values {
  readonly median: number;
  readonly values: readonly number[];
}

interface FigureResult extends Values {
  readonly variant: string;
  readonly name: string;
  readonly unit: string;
}

/** The results of one bench, as stored in `bench/results/`. */
export interface BenchResult {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, Values>>;
  readonly figures: readonly FigureResult[];
  readonly notes: readonly string[];
  readonly machine: Machine;
  readonly seconds: number;
}

/** Returns the result of a bench with the median of each ratio and figure. */
export function resultOf(
  bench: string,
  measured: Measured,
  { machine, seconds }: Pick<BenchResult, 'machine' | 'seconds'>,
): BenchResult {
  const ratios = Object.entries(measured.ratios).map(([key, values]) => [key, summarize(values)] as const);
  return {
    bench,
    ratios: Object.fromEntries(ratios),
    figures: measured.figures.map(({ values, ...figure }) => ({ ...figure, ...summarize(values) })),
    notes: measured.notes ?? [],
    machine,
    seconds: Math.round(seconds),
  };
}

/** Returns what `--json` prints. Other tools rely on its form. */
export const ratiosOf = ({ bench, ratios }: BenchResult): Pick<BenchResult, 'bench' | 'ratios'> => ({ bench, ratios });

const summarize = (values: readonly number[]): Values => ({
  median: shortened(median(values)),
  values: values.map(shortened),
});

const shortened = (value: number): number => Number(value.toPrecision(DIGITS));

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
