import { runBounded } from '../../shared/run-bounded.ts';
import { listSubscribers } from '../../shared/store/subscribers.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { hourlyCost } from '../cost/hourly-cost.ts';
import { ratesOfTopics } from '../cost/rates-of-topics.ts';
import { listFailures } from '../failures/failure-store.ts';
import { UsageError } from '../operator-error.ts';
import { durationOption, limitOf } from '../options.ts';
import { counted, duration, figure, type Output } from '../output.ts';
import { type ListedHead, listHeads } from '../../shared/store/operator-heads.ts';
import { tableOf } from '../table-of.ts';
import { type Deliveries, readDeliveries } from '../stats/read-deliveries.ts';
import { percentile } from '../../shared/percentile.ts';
import { type Sample, sampleStream } from '../stats/sample-stream.ts';

const DEFAULT_SAMPLE_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** The command `stats`: the load and the deliveries at present. */
export const STATS: Command = {
  name: 'stats',
  summary: 'Show topics, subscribers, rates, lag and failures.',
  help: `  distributary stats
    --sample 5s   the time for which the stream is watched, for rates and lag (default 5s)
    --limit N     topics to show, the last published first (default 50); the others are counted

  Changes are counted in the stream. Deliveries and lag come from the broadcast's log lines, one for each batch: the lag is
  the time from the batch's oldest publish until all of it was posted. A deployed stack has them in CloudWatch Logs, some
  seconds late: the lines read are of an equal span that ended 10s earlier. If the logs cannot be read, the reason is shown,
  and the lag is the time from a publish until the archive has it, just before delivery; measured from here it is an upper
  bound. Deliveries and their true lag are in the dashboard.

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
  readonly messageBytes: number;
}

async function show({ positionals, values, output, backend, interrupted }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError('stats takes options only.');
  const [limit, sampleMs] = [limitOf(values), durationOption(values, 'sample') ?? DEFAULT_SAMPLE_MS];
  const opened = await backend();
  const sample = await watching(output, sampleMs, () => sampleStream(opened, sampleMs, interrupted));
  const deliveries = await readDeliveries(opened, spanOf(opened, sample));
  for (const sentence of opened.logs.unread) output.note(sentence);
  const heads = await listHeads(tableOf(opened, 'topicsTable'));
  const topics = await runBounded(heads.slice(0, limit), CLI_BOUNDS.READ_CONCURRENCY, (head) =>
    statsOf(opened, head, sample),
  );
  const failures = (await listFailures(opened)).length;
  output.table(['topic', 'kind', 'seq', 'value', 'subscribers', 'changes/s', 'last change'], topics.map(rowOf));
  const rest = heads.length - topics.length;
  const summary = summaryOf(sample, deliveries);
  output.line(
    `${counted(heads.length, 'topic')}${rest > 0 ? `, ${rest} not shown` : ''}; ${counted(failures, 'failure')} waiting`,
  );
  for (const line of linesOf(summary)) output.line(line);
  const rates = ratesOfTopics(topics);
  const usdPerHour = hourlyCost(rates);
  output.line(
    `${rates.deliveriesPerSecond.toFixed(1)} deliveries/s to ${counted(rates.connections, 'connection')}: on AWS, about ${usdPerHour.toFixed(2)} USD an hour`,
  );
  output.data({ topics, topicsInAll: heads.length, failures, ...summary, ...rates, usdPerHour });
  return 0;
}

/** Returns the span of the log lines. The local runtime has them at once: a batch in flight at the end counts too. */
const spanOf = ({ stack }: Backend, { startMs, seconds }: Sample) => ({
  sinceMs: startMs,
  untilMs: stack.isLocal ? Date.now() : startMs + Math.round(seconds * MS_PER_SECOND),
});

async function statsOf(backend: Backend, { topic, head, shards }: ListedHead, sample: Sample): Promise<TopicStats> {
  let subscribers = 0;
  for await (const _ of listSubscribers(tableOf(backend, 'subscriptionsTable'), topic, shards)) subscribers += 1;
  const perSecond = (sample.changes.get(topic) ?? 0) / sample.seconds;
  if (head === undefined) return { topic, kind: 'malformed', subscribers, perSecond, messageBytes: 0 };
  const { kind, seq, publishedAt } = head;
  const value = head.kind === 'counter' ? { value: head.value } : {};
  const messageBytes = head.kind === 'message' ? Buffer.byteLength(head.message) : 0;
  const lastChange = new Date(publishedAt).toISOString();
  return { topic, kind, seq, ...value, publishedAt: lastChange, subscribers, perSecond, messageBytes };
}

function rowOf({ topic, kind, seq, value, subscribers, perSecond, publishedAt }: TopicStats): string[] {
  const age = publishedAt === undefined ? '-' : `${duration(Date.now() - Date.parse(publishedAt))} ago`;
  const figures = [seq, value, subscribers].map((each) => (each === undefined ? '-' : figure(each)));
  return [topic, kind, ...figures, perSecond.toFixed(1), age];
}

/** Shows how long the sample takes and, on a terminal, the time left. */
async function watching<T>(output: Output, sampleMs: number, watch: () => Promise<T>): Promise<T> {
  output.note(`Watching the stream for ${duration(sampleMs)} …`);
  const endMs = Date.now() + sampleMs;
  const draw = (): void => output.draw(`\r${duration(endMs - Date.now())} left `);
  const timer = output.isTerminal ? setInterval(draw, CLI_BOUNDS.PROGRESS_BAR_MS) : undefined;
  try {
    return await watch();
  } finally {
    clearInterval(timer);
    if (output.isTerminal) output.draw(CLEAR_LINE);
  }
}

const CLEAR_LINE = '\r\u001b[K';

type Summary = ReturnType<typeof summaryOf>;

function summaryOf({ changes, seconds, lagsMs, late }: Sample, deliveries: Deliveries | undefined) {
  const lags = deliveries?.lagsMs ?? lagsMs;
  return {
    seconds,
    changesPerSecond: [...changes.values()].reduce((sum, count) => sum + count, 0) / seconds,
    lag: {
      /** The source of the measurement. */
      from: deliveries === undefined ? 'archive' : 'broadcast-logs',
      p50Ms: percentile(lags, 0.5),
      p99Ms: percentile(lags, 0.99),
      of: lags.length,
      ...(deliveries === undefined ? { late } : {}),
    },
    ...(deliveries === undefined ? {} : { deliveries: ratesOf(deliveries, seconds) }),
  };
}

const ratesOf = ({ batches, delivered, gone, throttled, failed }: Deliveries, seconds: number) => ({
  perSecond: delivered / seconds,
  batches,
  delivered,
  gone,
  throttled,
  failed,
});

function linesOf({ changesPerSecond, seconds, lag, deliveries }: Summary): string[] {
  const changes = `${changesPerSecond.toFixed(1)} changes/s over ${seconds.toFixed(0)}s, by the stream`;
  if (deliveries === undefined) return [`${changes}; ${archiveLag(lag)}`];
  const { perSecond, batches, delivered, gone, throttled, failed } = deliveries;
  const sum = `${figure(delivered)} delivered, ${figure(gone)} gone, ${figure(throttled)} throttled, ${figure(failed)} failed`;
  return [
    changes,
    `${perSecond.toFixed(1)} deliveries/s, by the broadcast's log: ${counted(batches, 'batch', 'batches')}; connections: ${sum}`,
    lag.p50Ms === undefined
      ? 'nothing was delivered to measure the lag by'
      : `lag from publish until the batch was posted: p50 ${lag.p50Ms} ms, p99 ${lag.p99Ms} ms`,
  ];
}

function archiveLag({ p50Ms, p99Ms, of, late = 0 }: Summary['lag']): string {
  const overdue = late > 0 ? `; ${counted(late, 'message')} not archived within ${CLI_BOUNDS.LAG_WAIT_MS} ms` : '';
  if (p50Ms === undefined) return `no message to measure the lag by${overdue}`;
  return `lag to the archive p50 ${p50Ms} ms, p99 ${p99Ms} ms, of ${counted(of, 'message')}${overdue}`;
}
