import type { Backend } from './backend.ts';
import type { Options, OptionValues } from './options.ts';
import type { Output } from './output.ts';

/** The exit code. 0: done. 1: failed, incomplete, or the stack has a problem. 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2;

/** The input of one run of a command. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  readonly output: Output;
  /** Finds the stack and opens its clients at the first call. */
  readonly backend: () => Promise<Backend>;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /**
   * Asks before something is destroyed or made for good; `--yes` answers yes. Throws UsageError without a terminal to
   * ask at.
   */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** A command of the CLI: its name, its help and its action. */
export interface Command {
  readonly name: string;
  /** The command's line in the list of commands. */
  readonly summary: string;
  /** The text of `--help` after the summary. */
  readonly help: string;
  readonly options: Options;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}
