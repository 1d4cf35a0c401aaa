/** One absolute figure of one variant, a value for each round. It goes with the machine; what holds is a ratio. */
export interface Figure {
  readonly variant: string;
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

/** What a bench measured. */
export interface Measured {
  /** By key, a value for each round: both sides of it were measured in that round. */
  readonly ratios: Readonly<Record<string, readonly number[]>>;
  readonly figures: readonly Figure[];
  /** What a reader must know of this run: a variant that could not be run, say. */
  readonly notes?: readonly string[];
}

export interface BenchContext {
  /** The application's assembly, synthesized once a run. */
  readonly assembly: () => Promise<string>;
  /** An empty folder, removed at the end. */
  readonly temporaryDirectory: () => Promise<string>;
  readonly progress: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** One line: what is compared with what. */
  readonly summary: string;
  /** Runs only when it is named. */
  readonly isExtra?: true;
  readonly run: (context: BenchContext) => Promise<Measured>;
}
