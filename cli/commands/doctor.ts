import { isTopic } from '../../shared/protocol/topic.ts';
import type { Backend } from '../backend.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { checkArchive } from '../doctor/check-archive.ts';
import { checkAuthentication } from '../doctor/check-authentication.ts';
import { checkCallback } from '../doctor/check-callback.ts';
import { checkConnections } from '../doctor/check-connections.ts';
import { checkEnvironments } from '../doctor/check-environments.ts';
import { checkFanOut, LATE_LAG_MS } from '../doctor/check-fan-out.ts';
import { checkMappings } from '../doctor/check-mappings.ts';
import { checkReading } from '../doctor/check-reading.ts';
import { checkMonitoring } from '../doctor/check-monitoring.ts';
import { checkRefusals } from '../doctor/check-refusals.ts';
import { checkBackups, checkDeletionProtection, checkStreams, checkTimeToLive } from '../doctor/check-tables.ts';
import { type Finding, ok, problem } from '../doctor/finding.ts';
import { listFailures } from '../failures/failure-store.ts';
import { UsageError } from '../operator-error.ts';
import { type OptionValues, textOption } from '../options.ts';
import { counted, figure } from '../output.ts';
import { listHeads } from '../../shared/store/operator-heads.ts';
import { tableOf } from '../table-of.ts';

/** The command `doctor`: checks a stack or the local runtime. */
export const DOCTOR: Command = {
  name: 'doctor',
  summary: 'Find what is wrong with this stack, and how to fix it.',
  help: `  distributary doctor
    --topic T     checks the archive of this topic only for holes

  Checks: streams and their event source mappings, TTL, point-in-time recovery, deletion protection, the functions'
  environments, dashboard and alarms, the callback URL, whether the stream is read to its end, the busiest second of the last
  ten minutes against the quota of an AWS account, the lag of the live deliveries of that time against its alarm (from
  ${figure(LATE_LAG_MS)} ms on it is a problem; replays and catch-ups do not count), whether the stack asks for tokens, handshakes and frames
  that were refused in these ten minutes, waiting failures, malformed topics, subscriptions
  without a connection, holes in the archive. It changes nothing. BAD is a problem, NOTE a choice that you should know of. A
  check that cannot run from here is marked -, with the place to look instead. Exit code 1 when anything is BAD.

  distributary doctor
  distributary doctor --json | jq 'select(.status == "problem")'`,
  options: { topic: { type: 'string' } },
  run: examine,
};

const SIGNS = { ok: 'ok  ', problem: 'BAD ', notice: 'NOTE', skipped: '-   ' } as const;

async function examine({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('doctor checks the whole stack: it takes options only.');
  const topic = topicOption(values);
  const opened = await backend();
  let problems = 0;
  for (const check of checksOf(opened, topic)) {
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

/** Returns the topic whose archive is checked; undefined for all. Throws UsageError. */
function topicOption(values: OptionValues): string | undefined {
  const topic = textOption(values, 'topic');
  if (topic === undefined || isTopic(topic)) return topic;
  throw new UsageError(`${topic} is not the name of a topic.`);
}

const checksOf = (backend: Backend, topic: string | undefined): readonly (() => Promise<Finding[]>)[] => [
  () => checkStreams(backend),
  () => checkTimeToLive(backend),
  () => checkBackups(backend),
  () => checkDeletionProtection(backend),
  () => checkMappings(backend),
  () => checkEnvironments(backend),
  async () => checkMonitoring(backend.stack),
  () => checkCallback(backend),
  () => checkReading(backend),
  () => checkFanOut(backend),
  () => checkAuthentication(backend),
  () => checkRefusals(backend),
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
