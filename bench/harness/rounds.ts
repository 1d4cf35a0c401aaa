import type { Figure } from '../model.ts';

/** The options of a measurement in rounds. */
export interface RoundOptions<V extends string, T> {
  readonly variants: readonly V[];
  readonly rounds: number;
  /** Measures one variant, in separate processes. */
  readonly measure: (variant: V, round: number) => Promise<T>;
  readonly progress: (line: string) => void;
}

type Read<T> = (measured: T) => number;

/** The measured values, by variant and round. */
export interface Rounds<V extends string, T> {
  /** Returns one value for each round. */
  readonly values: (variant: V, read: Read<T>) => number[];
  /** Returns one variant's values over another's, each pair of one round. */
  readonly ratio: (over: V, under: V, read: Read<T>) => number[];
  readonly figures: (name: string, unit: string, read: Read<T>) => Figure[];
}

/**
 * Measures every variant in every round. The order is reversed each time, so that warm-up, slow-down and other load
 * affect all variants alike.
 */
export async function inRounds<V extends string, T>(options: RoundOptions<V, T>): Promise<Rounds<V, T>> {
  const measured = new Map<V, T[]>(options.variants.map((variant) => [variant, []]));
  for (let round = 0; round < options.rounds; round++) {
    const order = round % 2 === 0 ? options.variants : options.variants.toReversed();
    for (const variant of order) {
      options.progress(`round ${round + 1} of ${options.rounds}: ${variant}`);
      measured.get(variant)?.push(await options.measure(variant, round));
    }
  }
  return roundsOf(measured);
}

function roundsOf<V extends string, T>(measured: ReadonlyMap<V, readonly T[]>): Rounds<V, T> {
  const values = (variant: V, read: Read<T>): number[] => (measured.get(variant) ?? []).map(read);
  return {
    values,
    ratio: (over, under, read) => ratioOf(values(over, read), values(under, read)),
    figures: (name, unit, read) =>
      [...measured.keys()].map((variant) => ({ variant, name, unit, values: values(variant, read) })),
  };
}

/** Returns the ratios of values of the same round. */
export const ratioOf = (over: readonly number[], under: readonly number[]): number[] =>
  over.map((value, round) => value / (under[round] ?? Number.NaN));
