import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { AWS_QUOTAS } from '../cost/quotas.ts';
import { counted, duration, figure } from '../output.ts';
import { type Deliveries, readDeliveries } from '../stats/read-deliveries.ts';
import { percentile } from '../../shared/percentile.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

/** The share of the account's quota from which a peak is a problem. */
const NEAR = 0.8;
/** The p99 lag in ms from which the broadcast counts as behind, as in its alarm. */
const LATE_MS = 5_000;
/** The share of full batches from which a lag means that the broadcast is overloaded. */
const MOSTLY = 0.5;

/** Compares the broadcast's recent work with the quota of an AWS account. */
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

/** Returns the findings on measured deliveries. */
export function fanOutFindings({ peakPerSecond, batches, fullBatches, lagsMs }: Deliveries): Finding[] {
  const quota = AWS_QUOTAS.REQUESTS_PER_SECOND;
  const span = `the last ${duration(CLI_BOUNDS.MEASURED_MS)}`;
  const peak = `the busiest second of ${span} had ${counted(peakPerSecond, 'delivery', 'deliveries')}, of ${figure(quota)} requests a second that an AWS account may make`;
  const lagMs = percentile(lagsMs, 0.99);
  const behind = `p99 of the batches' lag is ${lagMs} ms, and ${fullBatches} of ${batches} batches were full`;
  const isBehind = (lagMs ?? 0) > LATE_MS && fullBatches > batches * MOSTLY;
  return [
    peakPerSecond < quota * NEAR
      ? ok('quota of requests', peak)
      : problem(
          'quota of requests',
          peak,
          'Have the quota raised before it binds, let clients ask for batches (batch: true), or publish less. See distributary cost --help',
        ),
    isBehind
      ? problem(
          'delivery',
          behind,
          'The broadcast is overloaded: raise ParallelizationFactor in infra/stream-pipeline.ts, or publish less often.',
        )
      : ok(
          'delivery',
          lagMs === undefined
            ? `nothing was delivered in ${span}`
            : `p99 of the batches' lag is ${lagMs} ms in ${span}`,
        ),
  ];
}
