/** A function's log line, parsed as far as its form is known. */
export interface LogLine {
  /** The function's service name, which is shorter than its physical name. */
  readonly service?: string;
  /** The time in ISO 8601, if the line has one. */
  readonly timestamp?: string;
  readonly level?: string;
  readonly message: string;
  /** The other fields of a structured line, without those that are the same in every line. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Further lines: the stack of an error. */
  readonly details: readonly string[];
}

/** The fields that a structured logger adds to every line. The terminal shows them elsewhere or not at all. */
const NOISE_FIELDS = new Set([
  'level',
  'message',
  'timestamp',
  'service',
  'error',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'sampling_rate',
  'xray_trace_id',
]);
/** The number of an error's causes that are shown; each has a stack. */
const MAX_CAUSES = 3;
/** Lambda's text form: time, request id, level and text, separated by tabs. */
const TEXT_FORM = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\t[^\t]*\t([A-Z]+)\t(.*)$/s;
/** The form in which Lambda's runtime logs an error that ended an invocation: label, tab, JSON. */
const ERROR_FORM = /^([A-Z][A-Za-z ]+ )\t(\{.*\})$/s;

type Fields = Readonly<Record<string, unknown>>;

/** Parses a raw line. Returns undefined for a line of metrics (EMF), which is not a message for people. */
export function parseLogLine(line: string): LogLine | undefined {
  const fields = parseObject(line);
  if (fields && '_aws' in fields) return undefined;
  if (fields && typeof fields['level'] === 'string' && 'message' in fields) return structuredLine(fields);
  const [, timestamp, level, text] = TEXT_FORM.exec(line) ?? [];
  if (timestamp === undefined || level === undefined || text === undefined) return { message: line, details: [] };
  return { timestamp, level, ...textOf(text) };
}

function parseObject(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return asObject(JSON.parse(line));
  } catch {
    // Not JSON: a plain line.
    return undefined;
  }
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}

function structuredLine(fields: Fields): LogLine {
  const { timestamp, service } = fields;
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !NOISE_FIELDS.has(name)));
  return {
    ...(typeof timestamp === 'string' ? { timestamp } : {}),
    ...(typeof service === 'string' ? { service } : {}),
    level: String(fields['level']),
    message: asText(fields['message']),
    ...(Object.keys(rest).length > 0 ? { fields: rest } : {}),
    details: errorDetails(fields['error']),
  };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function errorDetails(error: unknown, depth = 0): readonly string[] {
  const fields = asObject(error);
  if (!fields || depth > MAX_CAUSES) return [];
  const { name, message, stack, cause } = fields;
  const own = typeof stack === 'string' ? stack.split('\n') : [`${asText(name ?? 'Error')}: ${asText(message ?? '')}`];
  const [first = '', ...frames] = own;
  return [depth === 0 ? first : `caused by ${first}`, ...frames, ...errorDetails(cause, depth + 1)];
}

function textOf(text: string): Pick<LogLine, 'message' | 'details'> {
  const [, label, json] = ERROR_FORM.exec(text) ?? [];
  const error = json === undefined ? undefined : parseObject(json);
  if (label !== undefined && error && Array.isArray(error['stack'])) {
    const details = error['stack'].map(String);
    return { message: `${label.trim()}: ${asText(error['errorType'])}: ${asText(error['errorMessage'])}`, details };
  }
  // Breaks inside one log event arrive as carriage returns.
  const [message = '', ...details] = text.split('\r');
  return { message, details };
}
