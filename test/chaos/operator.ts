import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLines, runCommand } from '../helpers/command.ts';

/** The failure records, by what an operator can do about them. */
export interface GivenUp {
  /** Messages and values: to be delivered after all. */
  readonly changes: number;
  /** Topics of records that nobody can deliver. */
  readonly poison: readonly string[];
  /** Catch-ups, whose clients ask again. */
  readonly catchUps: number;
}

/** The failures, as `distributary failures list` tells of them. */
export async function listGivenUp(port: number): Promise<GivenUp> {
  const result = await runCommand(port, 'failures', 'list', '--limit', '1000', '--json');
  if (result.code !== 0) throw new Error(`failures list: ${result.stderr}`);
  const failures = jsonLines(result);
  const [topics, others] = [failures.filter(isOfTopics), failures.filter((failure) => !isOfTopics(failure))];
  const what = topics.flatMap(({ what: described }) => (Array.isArray(described) ? described.map(String) : []));
  const poison = what.flatMap((text) => /^(\S+) \(poison: /.exec(text)?.[1] ?? []);
  return { changes: what.length - poison.length, poison, catchUps: others.length };
}

const isOfTopics = ({ stream }: Record<string, unknown>): boolean => stream === 'topics';

/** `distributary replay --all-failures`, as an operator does. Resolves to its sums. */
export async function replayAllFailures(port: number): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'distributary-chaos-'));
  try {
    const state = join(directory, 'replay.json');
    const { stdout, stderr } = await runCommand(port, 'replay', '--all-failures', '--state', state);
    const sums = stdout.split('\n').filter((line) => /^(read|due) /.test(line));
    return sums.length > 0 ? sums : [`failures replay: ${stderr}`];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
