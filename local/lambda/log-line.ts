/** A line that a function wrote, understood as far as it has a known form. */
export interface LogLine {
  /** What the function calls itself: shorter than its physical name. */
  readonly service?: string;
  /** ISO 8601, when the line says its time. */
  readonly timestamp?: string;
  readonly level?: string;
  readonly message: string;
  /** What else a structured line carries, without what is the same in every line. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Further lines: the stack of an error. */
  readonly details: readonly string[];
}

/** Fields that a structured logger adds to every line and that the terminal shows elsewhere or not at all. */
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
/** How many causes of an error are followed; each has a stack. */
const MAX_CAUSES = 3;
/** Lambda's own text form: time, request id, level, text, with tabs between. */
const TEXT_FORM = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\t[^\t]*\t([A-Z]+)\t(.*)$/s;
/** How Lambda's runtime writes an error that ended an invocation: label, tab, JSON. */
const ERROR_FORM = /^([A-Z][A-Za-z ]+ )\t(\{.*\})$/s;

type Fields = Readonly<Record<string, unknown>>;

/** Reads one raw line; undefined for a line of metrics (EMF), which is no message to a person. */
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
    // Not JSON after all: a plain line.
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
