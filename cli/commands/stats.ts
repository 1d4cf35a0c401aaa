import { listHeads } from '../../shared/store/operator-heads.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { durationOption, limitOf, type OptionValues, textOption } from '../options.ts';
import { duration, type Output } from '../output.ts';
import { readDeliveries } from '../stats/read-deliveries.ts';
import { type Sample, sampleStream } from '../stats/sample-stream.ts';
import { showSnapshot } from '../stats/snapshot.ts';
import { createSnapshots, endOf } from '../stats/take-snapshot.ts';
import { watchStats } from '../stats/watch.ts';
import { tableOf } from '../table-of.ts';

const DEFAULT_SAMPLE_MS = 5_000;

/** The command `stats`: the load and the deliveries at present. */
export const STATS: Command = {
  name: 'stats',
  summary: 'Show topics, subscribers, rates, lag and failures.',
  help: `  distributary stats
    --sample 5s         the time for which the stream is watched, for rates and lag (default 5s, at most 1h)
    --watch [SECONDS]   shows them again and again, each time of the last SECONDS (default 5), until Ctrl-C
    --limit N           topics to show, the last published first (default 50); the others are counted

  Changes are counted in the stream. Deliveries and lag come from the broadcast's log lines, one for each topic of a batch.
  A delivery is all that a batch has of a topic for one connection. The lag is the time from the batch's oldest publish until
  all of it was posted. A deployed stack has the lines in CloudWatch Logs, some seconds late: the lines read are of an equal
  span that ended 10s earlier. If the logs cannot be read, the reason is shown, and the lag is the time from a publish until
  the archive has it, just before delivery; measured from here it is an upper bound. Deliveries and their true lag are in the
  dashboard. The cost is by the measured rate; without the logs by the changes and the subscribers of the topics shown.

  With --watch the table Topics is read once; later its stream tells what changed. A refresh counts at most ${CLI_BOUNDS.WATCHED_SUBSCRIPTIONS}
  subscriptions: topics whose turn has not come keep their earlier count, or show -. With --json each refresh is a line.

  distributary stats --sample 30s
  distributary stats --watch
  distributary stats --watch 10 --limit 5 --json`,
  options: { sample: { type: 'string' }, watch: { type: 'string', implied: '5' }, limit: { type: 'string' } },
  run: stats,
};

async function stats(invocation: Invocation): Promise<ExitCode> {
  const { positionals, values } = invocation;
  if (positionals.length > 0) throw new UsageError('stats takes options only.');
  const [limit, everyMs, sampleMs] = [limitOf(values), watchOf(values), durationOption(values, 'sample')];
  if (everyMs !== undefined && sampleMs !== undefined) throw new UsageError('Give --sample or --watch, not both.');
  if (everyMs === undefined) await showOnce(invocation, within('sample', sampleMs ?? DEFAULT_SAMPLE_MS), limit);
  else await watchStats(invocation, { everyMs: within('watch', everyMs), limit });
  return 0;
}

/** Returns the interval of `--watch`: seconds without a unit, or a time like those of `--sample`. */
function watchOf(values: OptionValues): number | undefined {
  const text = textOption(values, 'watch');
  return durationOption(text === undefined || !/^\d+$/.test(text) ? values : { watch: `${text}s` }, 'watch');
}

function within(name: string, ms: number): number {
  if (ms <= CLI_BOUNDS.SAMPLE_MAX_MS) return ms;
  throw new UsageError(`--${name} is at most ${duration(CLI_BOUNDS.SAMPLE_MAX_MS)}.`);
}

async function showOnce({ output, backend, interrupted }: Invocation, sampleMs: number, limit: number): Promise<void> {
  const opened = await backend();
  const samples = sampleStream(opened, { sampleMs, measuresLag: true, interrupted });
  const sample = await watching(output, sampleMs, () => firstOf(samples));
  // The local runtime has its lines at once: a batch in flight at the end counts too.
  const untilMs = opened.stack.isLocal ? Date.now() : endOf(sample);
  const deliveries = await readDeliveries(opened, { sinceMs: sample.startMs, untilMs });
  const heads = await listHeads(tableOf(opened, 'topicsTable'));
  const snapshot = createSnapshots(opened, { topics: limit, subscriptions: CLI_BOUNDS.SCANNED_ITEMS });
  const taken = await snapshot(heads, sample, deliveries);
  for (const sentence of opened.logs.unread) output.note(sentence);
  showSnapshot(output, taken);
}

async function firstOf(samples: AsyncGenerator<Sample>): Promise<Sample> {
  for await (const sample of samples) return sample;
  throw new Error('The stream gave no sample.');
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
