import { runBounded } from '../../shared/run-bounded.ts';
import { listSubscribers } from '../../shared/store/subscribers.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { listFailures } from '../failures/failure-store.ts';
import { UsageError } from '../operator-error.ts';
import { durationOf, limitOf } from '../options.ts';
import { counted, duration, figure } from '../output.ts';
import { type ListedHead, listHeads } from '../stats/list-heads.ts';
import { percentile, type Sample, sampleStream } from '../stats/sample-stream.ts';

const DEFAULT_SAMPLE_MS = 5_000;

export const STATS: Command = {
  name: 'stats',
  summary: 'Topics, subscribers, rates, lag and failures, at a glance.',
  help: `  distributary stats
    --sample 5s   how long the stream is watched for rates and lag (default 5s)
    --limit N     topics to show, the last published to first (default 50); the rest is counted

  Lag is the time from a publish until the archive has it, which is just before it is delivered; as seen from here, so it
  is never less than it was. Rates are changes written.

  distributary stats --sample 30s
  distributary stats --json --limit 5`,
  options: { sample: { type: 'string' }, limit: { type: 'string' } },
  run: show,
};

interface TopicStats {
  readonly topic: string;
  readonly kind: string;
  readonly seq?: number;
  readonly value?: number;
  readonly publishedAt?: string;
  readonly subscribers: number;
  readonly perSecond: number;
}

async function show({ positionals, values, output, backend, interrupted }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('stats takes options only.');
  const [limit, sampleMs] = [limitOf(values), durationOf(values, 'sample') ?? DEFAULT_SAMPLE_MS];
  const opened = await backend();
  output.note(`Watching the stream for ${duration(sampleMs)} …`);
  const sample = await sampleStream(opened, sampleMs, interrupted);
  const heads = await listHeads(opened);
  const topics = await runBounded(heads.slice(0, limit), CLI_BOUNDS.READ_CONCURRENCY, (head) =>
    statsOf(opened, head, sample),
  );
  const failures = (await listFailures(opened)).length;
  output.table(['topic', 'kind', 'seq', 'value', 'subscribers', 'changes/s', 'last change'], topics.map(rowOf));
  const rest = heads.length - topics.length;
  const summary = summaryOf(sample);
  output.line(
    `${counted(heads.length, 'topic')}${rest > 0 ? `, ${rest} not shown` : ''}; ${counted(failures, 'failure')} waiting`,
  );
  output.line(lineOf(summary));
  output.data({ topics, topicsInAll: heads.length, failures, ...summary });
  return 0;
}

async function statsOf({ stack, dynamodb }: Backend, { topic, head }: ListedHead, sample: Sample): Promise<TopicStats> {
  const deps = { client: dynamodb, table: stack.resources.subscriptionsTable };
  let subscribers = 0;
  for await (const _ of listSubscribers(deps, topic)) subscribers += 1;
  const perSecond = (sample.changes.get(topic) ?? 0) / sample.seconds;
  if (head === undefined) return { topic, kind: 'not whole', subscribers, perSecond };
  const { kind, seq, publishedAt } = head;
  const value = head.kind === 'counter' ? { value: head.value } : {};
  return { topic, kind, seq, ...value, publishedAt: new Date(publishedAt).toISOString(), subscribers, perSecond };
}

function rowOf({ topic, kind, seq, value, subscribers, perSecond, publishedAt }: TopicStats): string[] {
  const age = publishedAt === undefined ? '-' : `${duration(Date.now() - Date.parse(publishedAt))} ago`;
  const figures = [seq, value, subscribers].map((each) => (each === undefined ? '-' : figure(each)));
  return [topic, kind, ...figures, perSecond.toFixed(1), age];
}

const summaryOf = ({ changes, seconds, lagsMs, late }: Sample) => ({
  seconds,
  changesPerSecond: [...changes.values()].reduce((sum, count) => sum + count, 0) / seconds,
  lagP50Ms: percentile(lagsMs, 0.5),
  lagP99Ms: percentile(lagsMs, 0.99),
  lagMessages: lagsMs.length,
  late,
});

function lineOf({
  changesPerSecond,
  seconds,
  lagP50Ms,
  lagP99Ms,
  lagMessages,
  late,
}: ReturnType<typeof summaryOf>): string {
  const rate = `${changesPerSecond.toFixed(1)} changes/s over ${seconds.toFixed(0)}s`;
  const overdue = late > 0 ? `; ${counted(late, 'message')} not archived within ${CLI_BOUNDS.LAG_WAIT_MS} ms` : '';
  if (lagP50Ms === undefined) return `${rate}; no message to measure the lag by${overdue}`;
  return `${rate}; lag to the archive p50 ${lagP50Ms} ms, p99 ${lagP99Ms} ms, of ${counted(lagMessages, 'message')}${overdue}`;
}
