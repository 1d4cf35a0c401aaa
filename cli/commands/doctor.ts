import type { Backend } from '../backend.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { checkArchive } from '../doctor/check-archive.ts';
import { checkCallback } from '../doctor/check-callback.ts';
import { checkConnections } from '../doctor/check-connections.ts';
import { checkEnvironments } from '../doctor/check-environments.ts';
import { checkFanOut } from '../doctor/check-fan-out.ts';
import { checkMappings } from '../doctor/check-mappings.ts';
import { checkReading } from '../doctor/check-reading.ts';
import { checkBackups, checkStreams, checkTimeToLive } from '../doctor/check-tables.ts';
import { type Finding, ok, problem } from '../doctor/finding.ts';
import { listFailures } from '../failures/failure-store.ts';
import { UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';
import { counted } from '../output.ts';
import { listHeads } from '../../shared/store/operator-heads.ts';
import { tableOf } from '../table-of.ts';

/** The command `doctor`: checks a stack or the local runtime. */
export const DOCTOR: Command = {
  name: 'doctor',
  summary: 'Find what is wrong with this stack, and how to fix it.',
  help: `  distributary doctor
    --topic T     checks the archive of this topic only for holes

  Checks: streams and their event source mappings, TTL, point-in-time recovery, the functions' environments, the callback URL,
  whether the stream is read to its end, the busiest second of the last ten minutes against the quota of an AWS account, waiting
  failures, malformed topics, subscriptions without a connection, holes in the archive. It changes nothing. A check that cannot
  run from here is marked -, with the place to look instead. Exit code 1 when anything is wrong.

  distributary doctor
  distributary doctor --json | jq 'select(.status == "problem")'`,
  options: { topic: { type: 'string' } },
  run: examine,
};

const SIGNS = { ok: 'ok  ', problem: 'BAD ', skipped: '-   ' } as const;

async function examine({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('doctor checks the whole stack: it takes options only.');
  const opened = await backend();
  let problems = 0;
  for (const check of checksOf(opened, textOption(values, 'topic'))) {
    for (const finding of await check()) {
      output.data(finding);
      output.line(`${SIGNS[finding.status]} ${finding.check}: ${finding.found}`);
      if (finding.remedy !== undefined) output.line(`     → ${finding.remedy}`);
      if (finding.status === 'problem') problems += 1;
    }
  }
  output.note(problems === 0 ? `Nothing is wrong with ${opened.stack.name}.` : counted(problems, 'problem'));
  return problems === 0 ? 0 : 1;
}

const checksOf = (backend: Backend, topic: string | undefined): readonly (() => Promise<Finding[]>)[] => [
  () => checkStreams(backend),
  () => checkTimeToLive(backend),
  () => checkBackups(backend),
  () => checkMappings(backend),
  () => checkEnvironments(backend),
  () => checkCallback(backend),
  () => checkReading(backend),
  () => checkFanOut(backend),
  () => checkFailures(backend),
  () => checkHeads(backend),
  () => checkConnections(backend),
  () => checkArchive(backend, topic),
];

async function checkFailures(backend: Backend): Promise<Finding[]> {
  const { length } = await listFailures(backend);
  if (length === 0) return [ok('failures', 'none is waiting')];
  return [
    problem(
      'failures',
      `${counted(length, 'failure')} waits in the bucket`,
      'See distributary failures list, then failures replay ID or replay --all-failures.',
    ),
  ];
}

async function checkHeads(backend: Backend): Promise<Finding[]> {
  const heads = await listHeads(tableOf(backend, 'topicsTable'));
  const broken = heads.filter(({ head }) => head === undefined);
  if (broken.length === 0) return [ok('topics', `${counted(heads.length, 'topic')}, none malformed`)];
  return broken.map(({ topic }) =>
    problem(
      `topic ${topic}`,
      'its item is malformed: every publish to it will fail',
      'Restore the item, or delete it: the topic then begins a new epoch.',
    ),
  );
}
