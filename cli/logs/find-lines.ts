import type { Backend } from '../backend.ts';
import type { LogQuery, WrittenLine } from './log-source.ts';

/** A structured line that a function logged. */
export interface FunctionLogLine {
  readonly atMs: number;
  readonly requestId: string;
  /** The role of the function: `publish`, `broadcast`, … */
  readonly service: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Finds structured log lines, the oldest first, in the local runtime's memory or a deployed stack's log groups. */
export async function findLines({ logs }: Pick<Backend, 'logs'>, wanted: LogQuery): Promise<FunctionLogLine[]> {
  return (await logs.find(wanted)).flatMap(decodeLine);
}

/** Returns a field as a line contains it: `"name":"value"`. */
export const serializedField = (name: string, value: string | number): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** Decodes a line. One that is cut off or not structured is skipped: Lambda writes START, END and REPORT too. */
function decodeLine({ timestamp, requestId = '', message }: WrittenLine): FunctionLogLine[] {
  const fields = parseFields(message);
  if (fields === undefined) return [];
  return [
    {
      atMs: Date.parse(textField(fields, 'timestamp')) || timestamp,
      requestId: textField(fields, 'function_request_id') || requestId,
      service: textField(fields, 'service'),
      message: textField(fields, 'message'),
      fields,
    },
  ];
}

function parseFields(message: string): FunctionLogLine['fields'] | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    // Cut off, or not JSON.
    return undefined;
  }
}

/** Returns a field that is text; empty when it is missing. */
export function textField(fields: FunctionLogLine['fields'], name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** Returns a field that is a number; undefined when it is missing. */
export function numberField(fields: FunctionLogLine['fields'], name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** Returns the objects in a field that is a list; empty when it is missing. */
export function objectsField(fields: FunctionLogLine['fields'], name: string): readonly FunctionLogLine['fields'][] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
