import { areFew } from '../../shared/fanout/deliver/lateness.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { AWS_QUOTAS } from '../cost/quotas.ts';
import { counted, duration, figure } from '../output.ts';
import { type Deliveries, readDeliveries } from '../stats/read-deliveries.ts';
import { percentile } from '../../shared/percentile.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

/** The share of the account's quota from which a peak is a problem. */
const NEAR = 0.8;
/** The p99 lag in ms from which deliveries are slow: the threshold of the alarm DeliveryLag. */
export const LATE_LAG_MS = 5_000;
/** The deliveries left undone from which they are a problem: the threshold of the alarms Throttled and Undelivered. */
export const UNDONE = 100;
/** The share of full batches from which a lag means that more is written than is delivered. */
const MOSTLY = 0.5;

const SPAN = `the last ${duration(CLI_BOUNDS.MEASURED_MS)}`;

/** Compares the broadcast's recent work with the quota of an AWS account and the thresholds of the alarms. */
export async function checkFanOut(backend: Backend): Promise<Finding[]> {
  const untilMs = Date.now();
  const deliveries = await readDeliveries(backend, { sinceMs: untilMs - CLI_BOUNDS.MEASURED_MS, untilMs });
  if (deliveries !== undefined) return fanOutFindings(deliveries);
  const why = [...backend.logs.unread].join(' ');
  return [
    skipped('quota of requests', `${why} The dashboard has MessageCount against 600,000 a minute`),
    skipped('delivery', `${why} The dashboard has the lag, and the iterator age of both streams`),
  ];
}

/**
 * Returns the findings on measured deliveries: those of the broadcast. Neither a replay nor a catch-up writes a line of
 * the broadcast, so their late messages are not in the lag.
 */
export const fanOutFindings = (deliveries: Deliveries): Finding[] => [
  quotaFinding(deliveries),
  deliveryFinding(deliveries),
];

function quotaFinding({ peakPerSecond }: Deliveries): Finding {
  const quota = AWS_QUOTAS.REQUESTS_PER_SECOND;
  const peak = `the busiest second of ${SPAN} had ${counted(peakPerSecond, 'delivery', 'deliveries')}, of ${figure(quota)} requests a second that an AWS account may make`;
  if (peakPerSecond < quota * NEAR) return ok('quota of requests', peak);
  return problem(
    'quota of requests',
    peak,
    'Have the quota raised before it binds, let clients ask for batches (batch: true), or publish less. See distributary cost --help',
  );
}

function deliveryFinding(deliveries: Deliveries): Finding {
  const { batches, delivered, lagsMs } = deliveries;
  const undone = deliveries.throttled + deliveries.failed;
  if (delivered + undone === 0) return ok('delivery', `nothing was delivered live in ${SPAN}`);
  const lagMs = percentile(lagsMs, 0.99) ?? 0;
  if (lagMs >= LATE_LAG_MS) return problem('delivery', describeLag(deliveries, lagMs), remedyOf(deliveries));
  if (isUndone(deliveries)) return problem('delivery', describeUndone(deliveries), UNDONE_REMEDY);
  const left = undone === 0 ? '' : `; ${figure(undone)} of ${figure(delivered + undone)} deliveries were not taken`;
  return ok(
    'delivery',
    `p99 of the lag of ${counted(batches, 'batch', 'batches')} is ${figure(lagMs)} ms in ${SPAN}${left}`,
  );
}

function describeLag({ batches, fullBatches, lagsMs }: Deliveries, lagMs: number): string {
  const slow = lagsMs.filter((each) => each >= LATE_LAG_MS).length;
  return `p99 of the batches' lag is ${figure(lagMs)} ms in ${SPAN}: ${figure(slow)} of ${figure(batches)} took ${figure(LATE_LAG_MS)} ms or longer from the publish to their last post, and ${figure(fullBatches)} were full`;
}

const remedyOf = ({ batches, fullBatches }: Deliveries): string =>
  fullBatches > batches * MOSTLY
    ? 'More is written than is delivered: spread it over more topics, let clients ask for batches (batch: true), or publish less often.'
    : 'The stream is read late, or connections answer late: see «Deliveries are slow» in docs/operations.md.';

/**
 * Returns whether too many deliveries were left undone: all, or as many as ring an alarm and more than the few that are
 * slow by themselves.
 */
function isUndone({ delivered, gone, throttled, failed }: Deliveries): boolean {
  const undone = throttled + failed;
  if (delivered + gone === 0) return undone > 0;
  return undone >= UNDONE && !areFew(undone, delivered + undone);
}

const describeUndone = ({ delivered, throttled, failed }: Deliveries): string =>
  `of ${figure(delivered + throttled + failed)} deliveries in ${SPAN} ${figure(throttled)} were throttled and ${figure(failed)} failed`;

const UNDONE_REMEDY =
  'See «Connections are throttled» and «Deliveries are left undone» in docs/operations.md; distributary trace TOPIC SEQ names the connections.';
