import type { Backend } from './backend.ts';
import type { Options, OptionValues } from './options.ts';
import type { Output } from './output.ts';

/** 0: done. 1: not, or not wholly, or something is wrong with the stack. 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2;

/** What one run of a command gets. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly output: Output;
  /** Finds the stack and opens its clients, at the first call. */
  readonly backend: () => Promise<Backend>;
  /** The first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Asks before something is destroyed; `--yes` answers. Throws when nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
}

export interface Command {
  readonly name: string;
  /** A line for the list of commands. */
  readonly summary: string;
  /** The whole of `--help`, after the usage's first line. */
  readonly help: string;
  readonly options: Options;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}
