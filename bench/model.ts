/**
 * An absolute figure of one variant, with a value for each round. Absolute figures depend on the machine; ratios are
 * comparable.
 */
export interface Figure {
  readonly variant: string;
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

/** The result of a bench. */
export interface Measured {
  /** The ratios by key, with a value for each round. Both sides of a value were measured in that round. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  readonly figures: readonly Figure[];
  /** Notes on this run for the reader, such as a variant that could not be run. */
  readonly notes?: readonly string[];
}

/** The services for a bench. */
export interface BenchContext {
  /** Returns the application's assembly, synthesized once per run. */
  readonly assembly: () => Promise<string>;
  /** Creates an empty folder, which is removed at the end. */
  readonly temporaryDirectory: () => Promise<string>;
  readonly progress: (line: string) => void;
}

/** A benchmark. */
export interface Bench {
  readonly name: string;
  /** A line that says what is compared with what. */
  readonly summary: string;
  /** Whether the bench runs only when it is named. */
  readonly isExtra?: true;
  readonly run: (context: BenchContext) => Promise<Measured>;
}
