import { type LogLine, parseLogLine } from './lambda/log-line.ts';
import type { Terminal } from './model.ts';

/** The options of a terminal. */
export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Whether to show lines of metrics too. Default: false. */
  readonly verbose?: boolean;
  readonly now?: () => number;
}

interface Entry {
  readonly time: string;
  readonly source: readonly string[];
  readonly level?: string | undefined;
  readonly message: string;
  readonly details: readonly string[];
}

/** The number of characters of a request id that are shown: enough to distinguish invocations on a screen. */
const REQUEST_ID_LENGTH = 6;
const LEVEL_WIDTH = 5;
const DETAIL_INDENT = '    ';
const RESET = '\u001b[0m';
const LEVEL_COLORS: Readonly<Record<string, string>> = {
  TRACE: '\u001b[2m',
  DEBUG: '\u001b[2m',
  INFO: '\u001b[36m',
  WARN: '\u001b[33m',
  ERROR: '\u001b[31m',
  FATAL: '\u001b[31m',
  CRITICAL: '\u001b[31m',
};
/**
 * Control characters, and characters that change the direction of text. Both could make a terminal show something else
 * than the text.
 */
const UNSAFE_CHARACTERS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Creates the runtime's terminal, which writes the runtime's messages and the functions' log lines as readable lines.
 */
export function createTerminal(options: TerminalOptions): Terminal {
  const now = options.now ?? Date.now;
  const write = (entry: Entry) => options.write(render(entry, options.color));
  const say = (level: string) => (text: string) => {
    const [message = '', ...details] = text.split('\n');
    write({ time: clock(now()), source: [], level, message, details });
  };
  return {
    info: say('INFO'),
    warn: say('WARN'),
    lambdaLog: (functionName, requestId, line) => {
      const entry = lambdaEntry(line, options.verbose ?? false);
      if (!entry) return;
      const source = [entry.service ?? functionName, requestId?.slice(0, REQUEST_ID_LENGTH) ?? '-'];
      write({ ...entry, time: entry.time || clock(now()), source });
    },
  };
}

type LambdaEntry = Omit<Entry, 'source'> & { readonly service: string | undefined };

function lambdaEntry(line: string, isVerbose: boolean): LambdaEntry | undefined {
  const parsed: LogLine | undefined = parseLogLine(line) ?? (isVerbose ? { message: line, details: [] } : undefined);
  if (!parsed) return undefined;
  const [first = '', ...following] = parsed.message.split('\n');
  const message = parsed.fields ? `${first} ${JSON.stringify(parsed.fields)}` : first;
  const time = clock(Date.parse(parsed.timestamp ?? ''));
  return { time, service: parsed.service, level: parsed.level, message, details: [...following, ...parsed.details] };
}

/** Returns the time of day in UTC, as in the functions' logs; empty for an invalid time. */
function clock(timeMs: number): string {
  return Number.isNaN(timeMs) ? '' : new Date(timeMs).toISOString().slice(11, 23);
}

function render({ time, source, level, message, details }: Entry, color: boolean): string {
  const levels = level === undefined ? [] : [renderLevel(level, color)];
  const head = [time, ...source.map(escapeUnsafe), ...levels, escapeUnsafe(message)].join(' ');
  return [head, ...details.map((line) => DETAIL_INDENT + escapeUnsafe(line))].map((line) => `${line}\n`).join('');
}

function renderLevel(level: string, color: boolean): string {
  const text = escapeUnsafe(level).padEnd(LEVEL_WIDTH);
  const code = color ? LEVEL_COLORS[level] : undefined;
  return code === undefined ? text : `${code}${text}${RESET}`;
}

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE_CHARACTERS, (character) => {
    if (character === '\t') return ' ';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
