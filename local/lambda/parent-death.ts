import { spawnSync } from 'node:child_process';

/**
 * A running child ends when its IPC channel closes. A stopped one cannot: it runs no code, and SIGTERM or SIGHUP waits
 * until it is continued. If this process is killed with -9, only the kernel can help:
 * - PR_SET_PDEATHSIG has it send SIGKILL, which ends stopped processes too, when the parent dies. Node cannot ask for
 *   it, but `setpriv` of util-linux can, and then becomes the child by exec, with the same process id.
 * - Without setpriv (macOS, busybox): when a process group with stopped members is orphaned, POSIX has the kernel send
 *   SIGHUP and SIGCONT to it. So the children stay in the group of this process (no `detached`), and end when the job of
 *   an interactive shell does. Started outside of one, stopped children of a killed parent would stay.
 */
const DEATH_SIGNAL_COMMAND = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

let prefix: readonly string[] | undefined;

/** What to put before a command so that the kernel kills it with this process; empty where the system cannot do it. */
export function parentDeathPrefix(): readonly string[] {
  prefix ??= canUseSetpriv() ? DEATH_SIGNAL_COMMAND : [];
  return prefix;
}

function canUseSetpriv(): boolean {
  if (process.platform !== 'linux') return false;
  const [command, ...flags] = DEATH_SIGNAL_COMMAND;
  return spawnSync(command, [...flags, 'true'], { stdio: 'ignore' }).status === 0;
}
