import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { runBounded } from '../../shared/run-bounded.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { listStackResources, type StackResource } from '../list-stack-resources.ts';
import { figure } from '../output.ts';
import { logGroupsOf } from './log-groups.ts';
import type { LogSource, Wanted, WrittenLine } from './log-source.ts';

type LogBounds = Readonly<Record<'LOG_PAGES' | 'LOG_LINES' | 'LOG_READING_MS', number>>;

interface StackLogsDeps {
  readonly logs: CloudWatchLogsClient;
  readonly cloudformation: CloudFormationClient;
  readonly stackName: string;
  readonly now: () => number;
  /** The most that is read at one look. */
  readonly bounds: LogBounds;
}

/** The log groups of a deployed stack's functions, in CloudWatch Logs. What cannot be read is said in `unread`; nothing is thrown. */
export function createStackLogs(deps: StackLogsDeps): LogSource {
  const unread = new Set<string>();
  let listed: Promise<readonly StackResource[]> | undefined;
  return {
    find: async (wanted) => {
      listed ??= listStackResources(deps.cloudformation, deps.stackName);
      const resources = await listed.catch((error: unknown) => {
        unread.add(`${reasonOf(error, LISTING)} ${LEFT_OUT}`);
        return undefined;
      });
      if (resources === undefined) return [];
      // Every version of the stack has this one. Another may be missing since its function is, and has no lines then.
      if (logGroupsOf(resources, ['broadcast']).length === 0)
        unread.add(
          `${deps.stackName} has no log group of its broadcast: deploy it again from this version. ${LEFT_OUT}`,
        );
      return readGroups(deps, unread, { ...wanted, groups: logGroupsOf(resources, wanted.roles) });
    },
    unread,
    close: () => [deps.logs, deps.cloudformation].forEach((client) => client.destroy()),
  };
}

const LEFT_OUT = 'What only the logs tell is left out.';

interface Reading {
  readonly lines: WrittenLine[];
  readonly signal: AbortSignal;
  readonly wanted: Wanted;
}

/** Of each group what can be read: one that fails takes nothing from the others. */
async function readGroups(
  deps: StackLogsDeps,
  unread: Set<string>,
  { groups, ...wanted }: Wanted & { readonly groups: readonly string[] },
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
  `The log groups have more than is looked through at once (${figure(LOG_PAGES)} pages of each, ${figure(LOG_LINES)} lines): only the oldest were read.`;

/** Reads a group, the oldest line first, page by page; pages may be empty in the middle. False: its end was not reached. */
async function readGroup(deps: StackLogsDeps, { lines, signal, wanted }: Reading, group: string): Promise<boolean> {
  const { logs: client, bounds } = deps;
  const filterPattern = patternOf(wanted.contains);
  const input = { logGroupName: group, filterPattern, ...windowOf(wanted, deps.now()) };
  let pages = 0;
  for await (const { events = [], nextToken } of paginateFilterLogEvents({ client }, input, { abortSignal: signal })) {
    pages += 1;
    for (const { timestamp = 0, message = '' } of events) {
      // The pattern may match more loosely than text does.
      if (!wanted.contains.every((text) => message.includes(text))) continue;
      if (lines.length >= bounds.LOG_LINES) return false;
      lines.push({ timestamp, message });
    }
    if (pages >= bounds.LOG_PAGES && nextToken !== undefined) return false;
  }
  return true;
}

/** All of these phrases. They are ASCII: what JSON escapes of them, quotes and backslashes, a pattern escapes in the same way. */
const patternOf = (contains: readonly string[]): string => contains.map((text) => JSON.stringify(text)).join(' ');

/** At most LOG_WINDOW_MS: what is asked for, or what there was of late. */
function windowOf(
  { sinceMs, untilMs }: Wanted,
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

/** What stood in the way, and what to do about it. */
function reasonOf(error: unknown, { what, action }: Attempt): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (name.startsWith('AccessDenied')) return `${what} may not be read with these credentials: allow ${action}.`;
  if (name.startsWith('Throttling')) return `${what} could not be read: the account’s quota is used up. Try again.`;
  if (name === 'AbortError' || name === 'TimeoutError') return `${what} could not be read to the end in time.`;
  return `${what} could not be read (${name}: ${message}).`;
}
