import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { findLines, type FunctionLogLine, serializedField, textField } from '../logs/find-lines.ts';
import type { LogQuery, Role } from '../logs/log-source.ts';
import { counted, duration } from '../output.ts';
import { type Finding, notice, ok, problem, skipped } from './finding.ts';

const SPAN = `the last ${duration(CLI_BOUNDS.MEASURED_MS)}`;

/** The functions that limit the rates of a connection and of a subject. */
const LIMITING: readonly Role[] = [
  'connect',
  'default',
  'minus',
  'on-message',
  'ping',
  'plus',
  'publish',
  'set-presence',
  'subscribe',
  'unsubscribe',
];

/** The recent log lines of what was refused to clients. */
export interface RefusalLines {
  /** The handshakes that could not be decided. */
  readonly failed: readonly FunctionLogLine[];
  /** The handshakes that the authorizer refused. */
  readonly refused: readonly FunctionLogLine[];
  /** The frames and handshakes that came too fast. */
  readonly limited: readonly FunctionLogLine[];
}

/** Looks at what the authorizer and the rate limits have refused of late. */
export async function checkRefusals(backend: Backend): Promise<Finding[]> {
  const untilMs = Date.now();
  const window = { sinceMs: untilMs - CLI_BOUNDS.MEASURED_MS, untilMs };
  const find = (query: Pick<LogQuery, 'contains' | 'roles'>) => findLines(backend, { ...query, ...window });
  const ofHandshakes = (message: string) =>
    find({ contains: [serializedField('message', message)], roles: ['authorize'] });
  const lines = {
    failed: await ofHandshakes('handshake failed'),
    refused: await ofHandshakes('handshake refused'),
    limited: await find({ contains: [serializedField('code', 'rate-limited')], roles: LIMITING }),
  };
  const { unread } = backend.logs;
  return unread.size === 0 ? refusalFindings(lines) : [skipped('refusals', [...unread].join(' '))];
}

/** Returns the findings on refused handshakes and frames. */
export const refusalFindings = ({ failed, refused, limited }: RefusalLines): Finding[] => [
  failed.length > 0 ? undecided(failed) : refusedFinding(refused),
  limitedFinding(limited),
];

const undecided = (failed: readonly FunctionLogLine[]): Finding =>
  problem(
    'handshakes',
    `${counted(failed.length, 'handshake')} could not be decided in ${SPAN}: ${byCode(failed)}`,
    'Nobody with a token can connect then: see «Tokens cannot be checked» in docs/operations.md.',
  );

function refusedFinding(refused: readonly FunctionLogLine[]): Finding {
  if (refused.length === 0) return ok('handshakes', `the authorizer refused none in ${SPAN}`);
  return ok('handshakes', `the authorizer refused ${refused.length} in ${SPAN}: ${byCode(refused)}`);
}

function limitedFinding(limited: readonly FunctionLogLine[]): Finding {
  if (limited.length === 0) return ok('rates', `nothing was refused as rate-limited in ${SPAN}`);
  const connections = new Set(limited.map(({ fields }) => textField(fields, 'connectionId'))).size;
  const services = counts(limited.map(({ service }) => service));
  return notice(
    'rates',
    `${counted(limited.length, 'frame')} of ${counted(connections, 'connection')} was refused as rate-limited in ${SPAN}: ${services}`,
    'A client that means well waits and asks again. If these do, raise rateLimits: see «Rates» in docs/limits.md.',
  );
}

const byCode = (lines: readonly FunctionLogLine[]): string =>
  counts(lines.map(({ fields }) => textField(fields, 'code')));

/** Counts equal texts, the most frequent first: `3 token-expired, 1 origin`. */
function counts(texts: readonly string[]): string {
  const groups = [...Map.groupBy(texts, (text) => text)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups.map(([text, { length }]) => `${length} ${text === '' ? 'unknown' : text}`).join(', ');
}
