/** A count of events by name. */
export interface Tally {
  readonly add: (name: string, count?: number) => void;
  readonly rows: () => readonly (readonly [string, number])[];
}

/** Counts by name. */
export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    rows: () => [...counts].sort(([a], [b]) => a.localeCompare(b)),
  };
}
