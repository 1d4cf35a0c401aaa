import { parseArgs } from 'node:util';
import { CLI_BOUNDS } from './bounds.ts';
import { UsageError } from './operator-error.ts';

/** An option of a command, as `node:util` parses it. */
interface Option {
  readonly type: 'string' | 'boolean';
  /** The value when none is given. A value that is given begins with a digit. Without it, a value is required. */
  readonly implied?: string;
}
/** The options of a command, by name. */
export type Options = Readonly<Record<string, Option>>;
/** The values of parsed options, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** The arguments of a command, parsed. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
}

/** The options of every command. */
const COMMON_OPTIONS = {
  url: { type: 'string' },
  stack: { type: 'string' },
  region: { type: 'string' },
  instance: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const satisfies Options;

/** A command line, split into its command and all other arguments. */
export interface CommandLine {
  /** Undefined: the command line has options only. */
  readonly name: string | undefined;
  readonly args: readonly string[];
}

/** Splits a command line. Options may precede the command: `options` has those of all commands. */
export function splitCommandLine(args: readonly string[], options: Options): CommandLine {
  const all: Options = { ...COMMON_OPTIONS, ...options };
  for (let index = 0; index < args.length; index++) {
    const [arg = '', next] = args.slice(index);
    if (arg === '--') return { name: next, args: args.toSpliced(index, 2) };
    if (!arg.startsWith('--')) return { name: arg, args: args.toSpliced(index, 1) };
    const value = valueOf(all[arg.slice(2)], next);
    if (value !== undefined && value === next) index += 1;
  }
  return { name: undefined, args };
}

/** Splits a command's arguments. Throws UsageError. */
export function parseOptions(args: readonly string[], options: Options): ParsedArguments {
  try {
    const all = { ...COMMON_OPTIONS, ...options };
    const { positionals, values } = parseArgs({ args: optionsFirst(args, all), options: all, allowPositionals: true });
    refuseEmpty(positionals, values);
    return { positionals, values };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new UsageError(`${reason}.`, { cause });
  }
}

/**
 * Refuses a value of nothing but blanks, which a shell makes of a variable that is not set. An empty id would match
 * nothing in silence, or as the beginning of an id everything.
 */
function refuseEmpty(positionals: readonly string[], values: OptionValues): void {
  const option = Object.keys(values).find((name) => textOption(values, name)?.trim() === '');
  if (option !== undefined) throw new UsageError(`--${option} is empty: give it a value, or leave it out.`);
  const index = positionals.findIndex((positional) => positional.trim() === '');
  if (index !== -1) throw new UsageError(`Argument ${index + 1} is empty: is a variable of the shell not set?`);
}

/**
 * Moves options with their values to the front, positionals behind `--`. No option has one letter, and the id of a
 * connection may begin with a dash: it must not be parsed as an option.
 */
function optionsFirst(args: readonly string[], options: Options): string[] {
  const [named, others]: [string[], string[]] = [[], []];
  for (let index = 0; index < args.length; index++) {
    const [arg = '', next] = args.slice(index);
    if (arg === '--') return [...named, '--', ...others, ...args.slice(index + 1)];
    const value = arg.startsWith('--') ? valueOf(options[arg.slice(2)], next) : undefined;
    if (!arg.startsWith('--')) others.push(arg);
    else named.push(value === undefined ? arg : `${arg}=${value}`);
    if (value !== undefined && value === next) index += 1;
  }
  return [...named, '--', ...others];
}

/** Returns the value of an option before `next`: `next` itself, or the implied one; undefined when it has none. */
function valueOf(option: Option | undefined, next: string | undefined): string | undefined {
  if (option?.type !== 'string') return undefined;
  const { implied } = option;
  const isValue = next !== undefined && !next.startsWith('--') && (implied === undefined || /^\d/.test(next));
  return isValue ? next : implied;
}

/** Returns an option's text; undefined when it is not set. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Whether an option was given. */
export const isSet = (values: OptionValues, name: string): boolean => values[name] === true;

/** Returns an option that is a whole number, 1 or more. Throws UsageError. */
export function countOption(values: OptionValues, name: string): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new UsageError(`--${name} is a whole number, 1 or more, not ${text}.`);
}

/** Returns the number of rows to show, by `--limit`. Throws UsageError. */
export function limitOf(values: OptionValues): number {
  const limit = countOption(values, 'limit') ?? CLI_BOUNDS.ROWS;
  if (limit <= CLI_BOUNDS.ROWS_MAX) return limit;
  throw new UsageError(`--limit is at most ${CLI_BOUNDS.ROWS_MAX}.`);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns an option like `90s`, `20m`, `6h` or `2d` in milliseconds. Throws UsageError. */
export function durationOption(values: OptionValues, name: string): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (amount !== undefined && unitMs !== undefined && Number(amount) > 0) return Number(amount) * unitMs;
  throw new UsageError(`--${name} is a time like 90s, 20m, 6h or 2d, not ${text}.`);
}
