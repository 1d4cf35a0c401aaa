/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** Returns a number of at least 0 and below 1. */
  readonly next: () => number;
  /** A whole number, at least 0, below `below`. */
  readonly below: (below: number) => number;
  readonly between: (from: number, to: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** Returns `count` different items. */
  readonly sample: <T>(items: readonly T[], count: number) => T[];
  /** Returns a sequence of the same seed that is independent of this one. */
  readonly fork: (name: string) => SeededRandom;
}

/** The generator «mulberry32», fed with a hash of the seed's text. */
export function seededRandom(seed: string): SeededRandom {
  let state = hashOf(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (from, to) => from + next() * (to - from),
    pick: (items) => at(items, below(items.length)),
    sample: (items, count) => {
      const left = [...items];
      return Array.from({ length: Math.min(count, left.length) }, () => at(left.splice(below(left.length), 1), 0));
    },
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
}

const TWO_TO_32 = 2 ** 32;

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError('Nothing to choose from.');
  return item;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
