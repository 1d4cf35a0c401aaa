import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BenchUsageError } from '../arguments.ts';
import { HERE } from '../processes/start-runtime.ts';

const run = promisify(execFile);

/** Deadline in ms of a git command, 60,000. Only the checkout of many files takes long. */
const GIT_MS = 60_000;

const git = (...args: readonly string[]) => run('git', [...args], { cwd: HERE, timeout: GIT_MS });

/**
 * Runs `use` on a checkout of the revision, with the packages that are installed here. Throws BenchUsageError for an
 * unknown revision.
 */
export async function withWorktree<T>(revision: string, folder: string, use: (root: string) => Promise<T>): Promise<T> {
  const root = join(folder, 'worktree');
  const commit = await resolveRevision(revision);
  await git('worktree', 'add', '--detach', root, commit);
  try {
    await symlink(join(HERE, 'node_modules'), join(root, 'node_modules'));
    return await use(root);
  } finally {
    await git('worktree', 'remove', '--force', root);
  }
}

async function resolveRevision(revision: string): Promise<string> {
  try {
    const { stdout } = await git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`);
    return stdout.trim();
  } catch (cause) {
    throw new BenchUsageError(`git knows no revision ${revision}.`, { cause });
  }
}
