import { percentile } from '../../shared/percentile.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { hourlyCost } from '../cost/hourly-cost.ts';
import { ratesOfTopics } from '../cost/rates-of-topics.ts';
import { counted, figure, type Output } from '../output.ts';
import type { Deliveries } from './read-deliveries.ts';
import type { Sample } from './sample-stream.ts';
import { TOPIC_COLUMNS, topicRow, type TopicStats } from './topic-stats.ts';

/** All that `stats` shows at a time. */
export interface StatsSnapshot {
  readonly sample: Sample;
  /** Undefined where the logs cannot be read completely. */
  readonly deliveries: Deliveries | undefined;
  readonly topics: readonly TopicStats[];
  readonly topicsInAll: number;
  readonly failures: number;
}

/** Shows a snapshot: a table of topics and a few sentences, or one line of JSON. */
export function showSnapshot(output: Output, snapshot: StatsSnapshot): void {
  const { topics, topicsInAll, failures } = snapshot;
  const measured = summaryOf(snapshot);
  const rates = ratesOf(snapshot, measured);
  const usdPerHour = hourlyCost(rates);
  output.table(TOPIC_COLUMNS, topics.map(topicRow));
  const rest = topicsInAll - topics.length;
  const notShown = rest > 0 ? `, ${rest} not shown` : '';
  output.line(`${counted(topicsInAll, 'topic')}${notShown}; ${counted(failures, 'failure')} waiting`);
  for (const line of linesOf(measured)) output.line(line);
  output.line(
    `on AWS, about ${usdPerHour.toFixed(2)} USD an hour at this rate, ${connectionsOf(rates.connections, topics)}`,
  );
  const deliveriesPerSecond = measured.deliveries?.perSecond ?? rates.deliveriesPerSecond;
  output.data({ topics, topicsInAll, failures, ...measured, ...rates, deliveriesPerSecond, usdPerHour });
}

/** Says how many connections the cost is for: only the subscribers of topics are counted. */
const connectionsOf = (connections: number, topics: readonly TopicStats[]): string =>
  `with ${counted(connections, 'connection')}${topics.length > 1 ? ', as many as the largest topic shown has' : ''}`;

type Summary = ReturnType<typeof summaryOf>;

function summaryOf({ sample: { changes, seconds, lagsMs, late }, deliveries }: StatsSnapshot) {
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
    ...(deliveries === undefined ? {} : { deliveries: deliveriesOf(deliveries, seconds) }),
  };
}

const deliveriesOf = ({ batches, delivered, gone, throttled, failed, messages }: Deliveries, seconds: number) => ({
  perSecond: delivered / seconds,
  batches,
  delivered,
  gone,
  throttled,
  failed,
  messages,
});

/**
 * Returns the rates that the cost is computed by: as measured, and estimated from the topics shown where they are not.
 */
function ratesOf({ topics, sample: { seconds } }: StatsSnapshot, { changesPerSecond, deliveries }: Summary) {
  const shown = ratesOfTopics(topics.map((topic) => ({ ...topic, subscribers: topic.subscribers ?? 0 })));
  const share = shown.publishesPerSecond === 0 ? 0 : changesPerSecond / shown.publishesPerSecond;
  const deliveriesPerSecond =
    deliveries === undefined ? shown.deliveriesPerSecond * share : deliveries.messages / seconds;
  return { ...shown, publishesPerSecond: changesPerSecond, deliveriesPerSecond };
}

function linesOf({ changesPerSecond, seconds, lag, deliveries }: Summary): string[] {
  const changes = `${changesPerSecond.toFixed(1)} changes/s over ${seconds.toFixed(0)}s, by the stream`;
  if (deliveries === undefined) return [`${changes}; ${archiveLag(lag)}`];
  const { perSecond, batches, delivered, gone, throttled, failed } = deliveries;
  const sum = `${figure(delivered)} delivered, ${figure(gone)} gone, ${figure(throttled)} throttled, ${figure(failed)} failed`;
  return [
    changes,
    `${perSecond.toFixed(1)} deliveries/s, by the broadcast's log: ${sum}, in ${counted(batches, 'batch', 'batches')}`,
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
