import type { Selection } from './selection.ts';

/** The options of one replay. */
export interface ReplayOptions {
  /** The selection; undefined: that of the replay in the state file. */
  readonly selection: Selection | undefined;
  readonly toConnection: string | undefined;
  readonly isDryRun: boolean;
  /** The limit in changes a second. */
  readonly rate: number | undefined;
  readonly stateFile: string;
  /** The number of rows that a dry run shows. */
  readonly limit: number;
}
