import { spawnSync } from 'node:child_process';

/**
 * The command by which children end with this process. A running child ends when its IPC channel closes. A stopped
 * child cannot: it runs no code, and SIGTERM or SIGHUP waits until it is continued. If this process is killed with
 * SIGKILL, only the kernel can help:
 * - PR_SET_PDEATHSIG makes the kernel send SIGKILL when the parent dies, which ends stopped processes too. Node cannot
 *   set it, but `setpriv` of util-linux can, and then becomes the child by exec, with the same process id.
 * - Without setpriv (macOS, busybox): when a process group with stopped members is orphaned, POSIX makes the kernel
 *   send SIGHUP and SIGCONT to it. Therefore the children stay in the group of this process (no `detached`), and end
 *   when the job of an interactive shell does. Started outside of one, stopped children of a killed parent would stay.
 */
const DEATH_SIGNAL_COMMAND = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

let prefix: readonly string[] | undefined;

/**
 * Returns the prefix of a command that makes the kernel kill it with this process; empty where the system does not
 * support it. Use it from the main thread only: the kernel watches the thread that started the child.
 */
export function parentDeathPrefix(): readonly string[] {
  prefix ??= canUseSetpriv() ? DEATH_SIGNAL_COMMAND : [];
  return prefix;
}

function canUseSetpriv(): boolean {
  if (process.platform !== 'linux') return false;
  const [command, ...flags] = DEATH_SIGNAL_COMMAND;
  return spawnSync(command, [...flags, 'true'], { stdio: 'ignore' }).status === 0;
}
