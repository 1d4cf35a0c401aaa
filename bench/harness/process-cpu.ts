import { readdirSync, readFileSync } from 'node:fs';

/** The unit of CPU time in `/proc`: Linux reports ticks of 10 ms, whatever the kernel's own. */
const TICK_MS = 10;

/** The fields of `/proc/PID/stat` after the command's name, which may contain spaces and brackets. */
const FIELD = { parent: 1, user: 11, system: 12, childrenUser: 13, childrenSystem: 14 } as const;

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/**
 * Returns the CPU time in ms of a process and all that it started, including exited children that were waited for.
 * Linux only: NaN elsewhere.
 */
export function treeCpuMs(root: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  return treeTotal(readTimes(), root);
}

/** Returns a process and its descendants. Linux only: none elsewhere. */
export function treePids(root: number): number[] {
  if (process.platform !== 'linux') return [];
  const times = readTimes();
  const withDescendants = (of: number): number[] => [
    of,
    ...times.filter(({ parent }) => parent === of).flatMap(({ pid }) => withDescendants(pid)),
  ];
  return withDescendants(root);
}

const readTimes = (): ProcessTime[] =>
  readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readTime(Number(entry)) : []));

/** Returns the sum over a process and its descendants. */
export function treeTotal(times: readonly ProcessTime[], root: number): number {
  const own = times.filter(({ pid }) => pid === root).reduce((total, { cpuMs }) => total + cpuMs, 0);
  const children = times.filter(({ parent }) => parent === root);
  return children.reduce((total, { pid }) => total + treeTotal(times, pid), own);
}

function readTime(pid: number): ProcessTime[] {
  try {
    return [{ pid, ...parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) }];
  } catch {
    // The process has ended since it was listed.
    return [];
  }
}

/** Parses one line of `/proc/PID/stat`. */
export function parseStat(stat: string): Omit<ProcessTime, 'pid'> {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = [FIELD.user, FIELD.system, FIELD.childrenUser, FIELD.childrenSystem].map((field) => fields[field] ?? 0);
  return { parent: fields[FIELD.parent] ?? 0, cpuMs: ticks.reduce((total, value) => total + value, 0) * TICK_MS };
}
