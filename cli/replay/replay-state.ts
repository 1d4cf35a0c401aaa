import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import type { Selection } from './selection.ts';
import type { Tally } from './tally.ts';

/** The last seq that was sent, by topic. */
export type SentSeqs = Readonly<Record<string, number>>;

/** The state from which a replay is resumed, as its file has it. */
export interface ReplayState {
  readonly version: 1;
  /** The callback URL of the stack: a replay is not resumed on another stack. */
  readonly stack: string;
  readonly selection: Selection;
  readonly toConnection: string | undefined;
  readonly places: SentSeqs;
  /** The sum of all runs so far. */
  readonly tally: Tally;
}

/** The file from which a replay is resumed unless another one is named. */
export const DEFAULT_STATE_FILE = '.distributary/replay.json';

/** Writes the state atomically. Throws OperatorError past its bound. */
export async function writeState(file: string, state: ReplayState): Promise<void> {
  const text = JSON.stringify(state);
  if (text.length > CLI_BOUNDS.STATE_BYTES) {
    throw new OperatorError('The replay has more topics than its state file may name: replay topics one by one.');
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

/**
 * Reads the state of an interrupted replay; undefined when there is none. Throws OperatorError for a malformed file.
 */
export async function readState(file: string): Promise<ReplayState | undefined> {
  try {
    const state: ReplayState = JSON.parse(await readFile(file, 'utf8'));
    if (state.version === 1 && typeof state.places === 'object') return state;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new OperatorError(`${file} is not the state of a replay: name another file by --state, or delete it.`);
}

/** Deletes the state file of a replay that is done. */
export const removeState = (file: string): Promise<void> => rm(file, { force: true });
