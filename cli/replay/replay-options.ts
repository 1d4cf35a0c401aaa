import type { Selection } from './selection.ts';

/** The options of one replay. */
export interface ReplayOptions {
  /** Undefined: the one that waits in the state file. */
  readonly selection: Selection | undefined;
  readonly toConnection: string | undefined;
  readonly isDryRun: boolean;
  /** Changes a second. */
  readonly rate: number | undefined;
  readonly stateFile: string;
  /** Rows of a dry run. */
  readonly limit: number;
}
