import type { Writable } from 'node:stream';

/** A command's output. Results go to standard output, all else to standard error, so that results can be piped. */
export interface Output {
  /** Whether `--json` is set: standard output carries results as JSON, and nothing else. */
  readonly json: boolean;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  /** Prints a line for people; nothing with `--json`. */
  readonly line: (text?: string) => void;
  /** Prints a result as one line of JSON; nothing without `--json`. */
  readonly data: (value: unknown) => void;
  /** Prints an aligned table for people; nothing with `--json`, or without rows. */
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => void;
  /** Clears standard output if it is a terminal, for a view that is shown again and again. Nothing with `--json`. */
  readonly clear: () => void;
  /** Prints a remark or progress to standard error. */
  readonly note: (text: string) => void;
  /** Writes text to standard error unchanged, for a line that is redrawn. */
  readonly draw: (text: string) => void;
}

/** Control characters, and those that change the direction of text: both could make a terminal show false text. */
const UNSAFE_CHARACTERS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** The streams that a command writes to. */
export interface OutputDeps {
  readonly json: boolean;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Moves the cursor to the top left and clears the screen below it. */
const CLEAR_SCREEN = '\u001b[H\u001b[J';

/** Creates the output for a person or, with `json`, for a program. */
export function createOutput({ json, stdout, stderr }: OutputDeps): Output {
  const line = (text = ''): void => {
    if (!json) stdout.write(`${printable(text)}\n`);
  };
  return {
    json,
    isTerminal: stderr.isTTY === true,
    line,
    data: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    table: (head, rows) => {
      if (rows.length > 0) for (const row of align([head, ...rows])) line(row);
    },
    clear: () => {
      if (!json && stdout.isTTY === true) stdout.write(CLEAR_SCREEN);
    },
    note: (text) => void stderr.write(`${printable(text)}\n`),
    draw: (text) => void stderr.write(text),
  };
}

/** Escapes unsafe characters: text of others (topics, data, errors) may hold control sequences of a terminal. */
const printable = (text: string): string =>
  text.replace(UNSAFE_CHARACTERS, (character) =>
    character === '\n' ? '\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function align(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Formats a count: `1,234`. */
export const figure = (count: number): string => count.toLocaleString('en-US');

/** Formats a count with its noun: `3 records`, `1 record`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${figure(count)} ${count === 1 ? noun : plural}`;

/** Formats a duration: `2h 5m`, `3m 20s`, `12s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m ${seconds % 60}s`;
  return minutes < 1_440 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(minutes / 1_440)}d`;
}
