import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms, whatever the kernel's own. */
const TICK_MS = 10;

/** Fields of `/proc/PID/stat` after the command's name, which may hold spaces and brackets. */
const FIELD = { parent: 1, user: 11, system: 12, childrenUser: 13, childrenSystem: 14 } as const;

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** CPU time of a process and all that it started, those that ended and were waited for with it. Linux only: NaN elsewhere. */
export function treeCpuMs(root: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const times = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readTime(Number(entry)) : []));
  return treeTotal(times, root);
}

/** The sum over a process and its descendants. */
export function treeTotal(times: readonly ProcessTime[], root: number): number {
  const own = times.filter(({ pid }) => pid === root).reduce((total, { cpuMs }) => total + cpuMs, 0);
  const children = times.filter(({ parent }) => parent === root);
  return children.reduce((total, { pid }) => total + treeTotal(times, pid), own);
}

function readTime(pid: number): ProcessTime[] {
  try {
    return [{ pid, ...parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) }];
  } catch {
    // It ended since it was listed.
    return [];
  }
}

/** What one line of `/proc/PID/stat` says. */
export function parseStat(stat: string): Omit<ProcessTime, 'pid'> {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = [FIELD.user, FIELD.system, FIELD.childrenUser, FIELD.childrenSystem].map((field) => fields[field] ?? 0);
  return { parent: fields[FIELD.parent] ?? 0, cpuMs: ticks.reduce((total, value) => total + value, 0) * TICK_MS };
}
