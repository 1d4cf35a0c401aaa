import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { AWS_QUOTAS } from '../cost/quotas.ts';
import { counted, duration, figure } from '../output.ts';
import { type Deliveries, readDeliveries } from '../stats/read-deliveries.ts';
import { percentile } from '../../shared/percentile.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

/** Of the account's quota, the share from which on a peak is too near. */
const NEAR = 0.8;
/** From this lag on, of the slowest batches, the broadcast is behind. As the alarm has it. */
const LATE_MS = 5_000;
/** With so many of its batches full, it is behind since it gets more than it can handle. */
const MOSTLY = 0.5;

/** What the broadcast did of late, beside what an account of AWS may do. */
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

/** What is wrong with a fan-out that was measured. */
export function fanOutFindings({ peakPerSecond, batches, fullBatches, lagsMs }: Deliveries): Finding[] {
  const quota = AWS_QUOTAS.REQUESTS_PER_SECOND;
  const span = `the last ${duration(CLI_BOUNDS.MEASURED_MS)}`;
  const peak = `the busiest second of ${span} posted to ${counted(peakPerSecond, 'connection')}, of ${figure(quota)} requests a second that an AWS account may make`;
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
          'The broadcast gets more than it can handle: raise ParallelizationFactor in infra/stream-pipeline.ts, or publish less often.',
        )
      : ok(
          'delivery',
          lagMs === undefined
            ? `nothing was delivered in ${span}`
            : `p99 of the batches' lag is ${lagMs} ms in ${span}`,
        ),
  ];
}
