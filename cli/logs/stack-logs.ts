import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { runBounded } from '../../shared/run-bounded.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { listStackResources, type StackResource } from '../list-stack-resources.ts';
import { figure } from '../output.ts';
import { logGroupsOf } from './log-groups.ts';
import type { LogSource, LogQuery, WrittenLine } from './log-source.ts';

type LogBounds = Readonly<Record<'LOG_PAGES' | 'LOG_LINES' | 'LOG_READING_MS', number>>;

interface StackLogsDeps {
  readonly logs: CloudWatchLogsClient;
  readonly cloudformation: CloudFormationClient;
  readonly stackName: string;
  /** The instance whose functions are meant. */
  readonly instance: string;
  readonly now: () => number;
  /** The bounds of one query. */
  readonly bounds: LogBounds;
}

/**
 * Creates the source of a deployed stack's logs: its log groups in CloudWatch Logs. Failures go to `unread`, none is
 * thrown.
 */
export function createStackLogs(deps: StackLogsDeps): LogSource {
  const unread = new Set<string>();
  let listed: Promise<readonly StackResource[]> | undefined;
  return {
    find: async (wanted) => {
      listed ??= listStackResources(deps.cloudformation, deps.stackName);
      const resources = await listed.catch((error: unknown) => {
        unread.add(`${reasonOf(error, LISTING)} ${LEFT_OUT}`);
        listed = undefined;
        return undefined;
      });
      if (resources === undefined) return [];
      // Every version of the stack has this group. Another may be missing with its function, which then has no lines.
      if (logGroupsOf(resources, ['broadcast'], deps.instance).length === 0)
        unread.add(
          `${deps.stackName} has no log group of its broadcast: deploy it again from this version. ${LEFT_OUT}`,
        );
      return readGroups(deps, unread, { ...wanted, groups: logGroupsOf(resources, wanted.roles, deps.instance) });
    },
    unread,
    forgetUnread: () => unread.clear(),
    close: () => [deps.logs, deps.cloudformation].forEach((client) => client.destroy()),
  };
}

const LEFT_OUT = 'Details that only the logs have are missing.';

interface Reading {
  readonly lines: WrittenLine[];
  readonly signal: AbortSignal;
  readonly wanted: LogQuery;
}

/** Reads each group as far as possible. A group that fails does not affect the others. */
async function readGroups(
  deps: StackLogsDeps,
  unread: Set<string>,
  { groups, ...wanted }: LogQuery & { readonly groups: readonly string[] },
): Promise<readonly WrittenLine[]> {
  const reading: Reading = { lines: [], signal: AbortSignal.timeout(deps.bounds.LOG_READING_MS), wanted };
  await runBounded(groups, CLI_BOUNDS.LOG_GROUPS_AT_ONCE, async (group) => {
    try {
      if (!(await readGroup(deps, reading, group))) unread.add(`${tooMuch(deps.bounds)} ${LEFT_OUT}`);
    } catch (error) {
      unread.add(`${reasonOf(error, READING)} ${LEFT_OUT}`);
    }
  });
  return reading.lines.toSorted((a, b) => a.timestamp - b.timestamp);
}

const tooMuch = ({ LOG_PAGES, LOG_LINES }: LogBounds): string =>
  `The log groups have more than one query reads (${figure(LOG_PAGES)} pages of each, ${figure(LOG_LINES)} lines): only the oldest were read.`;

/** Reads a group, the oldest line first, page by page; pages may be empty. Resolves to whether it reached the end. */
async function readGroup(deps: StackLogsDeps, { lines, signal, wanted }: Reading, group: string): Promise<boolean> {
  const { logs: client, bounds } = deps;
  const filterPattern = patternOf(wanted.contains);
  const input = { logGroupName: group, filterPattern, ...windowOf(wanted, deps.now()) };
  let pages = 0;
  for await (const { events = [], nextToken } of paginateFilterLogEvents({ client }, input, { abortSignal: signal })) {
    pages += 1;
    for (const { timestamp = 0, message = '' } of events) {
      // The filter pattern may match more than the exact text.
      if (!wanted.contains.every((text) => message.includes(text))) continue;
      if (lines.length >= bounds.LOG_LINES) return false;
      lines.push({ timestamp, message });
    }
    if (pages >= bounds.LOG_PAGES && nextToken !== undefined) return false;
  }
  return true;
}

/**
 * Returns the filter pattern for all of these phrases. JSON escapes quotes and backslashes of ASCII as a pattern does.
 */
const patternOf = (contains: readonly string[]): string => contains.map((text) => JSON.stringify(text)).join(' ');

/** Returns the span to read: the one asked for, or the latest. At most LOG_WINDOW_MS long. */
function windowOf(
  { sinceMs, untilMs }: LogQuery,
  nowMs: number,
): { readonly startTime: number; readonly endTime: number } {
  const startTime = Math.max(0, sinceMs ?? (untilMs ?? nowMs) - CLI_BOUNDS.LOG_WINDOW_MS);
  return { startTime, endTime: Math.max(startTime, Math.min(untilMs ?? nowMs, startTime + CLI_BOUNDS.LOG_WINDOW_MS)) };
}

interface Attempt {
  readonly what: string;
  readonly action: string;
}

const LISTING: Attempt = {
  what: 'The resources of the stack',
  action: 'cloudformation:ListStackResources on the stack',
};
const READING: Attempt = { what: 'The logs of the stack', action: 'logs:FilterLogEvents on its log groups' };

/** Returns the reason of a failure and its remedy, as a sentence. */
function reasonOf(error: unknown, { what, action }: Attempt): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (name.startsWith('AccessDenied')) return `${what} may not be read with these credentials: allow ${action}.`;
  if (name.startsWith('Throttling')) return `${what} could not be read: the account’s quota is used up. Try again.`;
  if (name === 'AbortError' || name === 'TimeoutError') return `${what} could not be read to the end in time.`;
  return `${what} could not be read (${name}: ${message}).`;
}
