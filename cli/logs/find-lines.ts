import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';

/** A structured line that a function logged. */
export interface LogLine {
  readonly atMs: number;
  readonly requestId: string;
  /** The function's role: `publish`, `broadcast`, … */
  readonly service: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Wanted {
  /** Texts that a line must have, all of them. */
  readonly contains: readonly string[];
  readonly sinceMs?: number | undefined;
}

/** Why the logs of a deployed stack cannot be read from here. */
export const NO_LOGS =
  'The logs of a deployed stack are in CloudWatch Logs, which this command does not read: what only they tell is left out.';

/** Finds structured log lines, the oldest first: of what the local runtime keeps. A deployed stack has none to give. */
export async function findLines({ stack }: Backend, { contains, sinceMs = 0 }: Wanted): Promise<LogLine[]> {
  if (stack.endpoints === undefined) return [];
  const address = new URL('/_runtime/logs', stack.endpoints.callback);
  address.searchParams.set('since', String(sinceMs));
  for (const text of contains) address.searchParams.append('contains', text);
  const response = await fetch(address, { signal: AbortSignal.timeout(CLI_BOUNDS.LOGS_MS) });
  if (!response.ok)
    throw new OperatorError(`${stack.name} does not give its logs (${response.status}): start it from this version.`);
  return (await response.text()).split('\n').filter(Boolean).flatMap(decodeLine);
}

/** How a field stands in a line. */
export const fieldText = (name: string, value: string | number): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** A line that is not whole (longer than any may be), or not structured, is none. */
function decodeLine(text: string): LogLine[] {
  const {
    timestamp,
    requestId = '',
    message,
  }: { timestamp: number; requestId?: string; message: string } = JSON.parse(text);
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
