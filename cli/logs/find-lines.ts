import type { Backend } from '../backend.ts';
import type { Wanted, WrittenLine } from './log-source.ts';

/** A structured line that a function logged. */
export interface LogLine {
  readonly atMs: number;
  readonly requestId: string;
  /** The function's role: `publish`, `broadcast`, … */
  readonly service: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Finds structured log lines, the oldest first: of what the local runtime keeps, or in the log groups of a deployed stack. */
export async function findLines({ logs }: Pick<Backend, 'logs'>, wanted: Wanted): Promise<LogLine[]> {
  return (await logs.find(wanted)).flatMap(decodeLine);
}

/** How a field stands in a line. */
export const fieldText = (name: string, value: string | number): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** A line that is not whole (longer than any may be), or not structured, is none: Lambda writes START, END and REPORT. */
function decodeLine({ timestamp, requestId = '', message }: WrittenLine): LogLine[] {
  const fields = parseFields(message);
  if (fields === undefined) return [];
  return [
    {
      atMs: Date.parse(textOf(fields, 'timestamp')) || timestamp,
      requestId: textOf(fields, 'function_request_id') || requestId,
      service: textOf(fields, 'service'),
      message: textOf(fields, 'message'),
      fields,
    },
  ];
}

function parseFields(message: string): LogLine['fields'] | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    // Cut, or no JSON after all.
    return undefined;
  }
}

/** A field that is text; empty when it is not there. */
export function textOf(fields: LogLine['fields'], name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** A field that is a number, when it is there. */
export function numberOf(fields: LogLine['fields'], name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** The objects of a field that is a list of them. */
export function objectsOf(fields: LogLine['fields'], name: string): readonly LogLine['fields'][] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
