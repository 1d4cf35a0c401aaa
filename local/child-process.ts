import { spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';

/** The number of characters kept of a child's output, 16,384: enough for its last error message. */
const TAIL_MAXIMUM_LENGTH = 16_384;

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

/**
 * Reads streams to their end, so that a child with much output does not block. Returns a function that returns the last
 * characters.
 */
export function outputTail(streams: readonly (Readable | null)[]): () => string {
  let tail = '';
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL_MAXIMUM_LENGTH);
    });
  }
  return () => tail;
}
