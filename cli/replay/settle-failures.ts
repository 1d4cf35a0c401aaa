import { randomUUID } from 'node:crypto';
import { runBounded } from '../../shared/run-bounded.ts';
import {
  type CatchUpRepeat,
  type CatchUpStamp,
  foreseeCatchUp,
  repeatCatchUp,
} from '../../shared/store/operator-catch-up.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { type Failure, subjectOf } from '../failures/failure.ts';
import { removeFailure } from '../failures/failure-store.ts';
import { tableOf } from '../table-of.ts';
import type { ReplayPlan } from './plan.ts';
import { publishAgain } from './publish-again.ts';

interface KeptFailure {
  readonly id: string;
  readonly reason: string;
}

/** The failures of which a replay has delivered everything. */
export interface SettledFailures {
  readonly removed: readonly string[];
  readonly kept: readonly KeptFailure[];
  /** The removed failures of catch-ups, with their results. */
  readonly caughtUp: readonly CaughtUpFailure[];
  /** The catch-ups of a dry run, with what a replay would do about each. */
  readonly foreseen: readonly ForeseenCatchUp[];
  /** The failures of tables' records that their functions published again, or in a dry run would be asked to. */
  readonly published: readonly PublishedFailure[];
}

/** A failure of a table's records. */
export interface PublishedFailure {
  readonly id: string;
  readonly records: number;
  readonly functionName: string;
}

/** A catch-up of a dry run. */
export interface ForeseenCatchUp {
  readonly connectionId: string;
  /** The topic, or `a ping`. */
  readonly subject: string;
  readonly result: CatchUpRepeat;
}

/** The results of the catch-ups of one failure: how many had each. */
type CaughtUpFailure = Readonly<Record<CatchUpRepeat, number>> & { readonly id: string };

/** The result of a replay that settled no failure. */
export const NOTHING_SETTLED: SettledFailures = { removed: [], kept: [], caughtUp: [], foreseen: [], published: [] };

/**
 * Settles failures after a replay that sent all of its plan: removes each failure of which every record was sent or
 * every catch-up was asked for again, and keeps the others.
 */
export async function settleFailures(
  backend: Backend,
  failures: readonly Failure[],
  plan: ReplayPlan,
): Promise<SettledFailures> {
  const removed: string[] = [];
  const kept: KeptFailure[] = [];
  const caughtUp: CaughtUpFailure[] = [];
  const published: PublishedFailure[] = [];
  for (const failure of failures) {
    const { id, key } = failure.object;
    const reason =
      reasonToKeep(failure, plan) ?? (failure.stream === 'table' ? await publishAgain(failure) : undefined);
    if (reason !== undefined) kept.push({ id, reason });
    else {
      if (failure.stream === 'subscriptions') caughtUp.push(await catchUpAll(backend, failure));
      published.push(...publishedOf(failure));
      await removeFailure(backend, key);
      removed.push(id);
    }
  }
  return { ...NOTHING_SETTLED, removed, kept, caughtUp, published };
}

/** Returns what a replay of these failures would do about them, apart from the deliveries. Changes nothing. */
export async function foreseeSettling(
  backend: Backend,
  failures: readonly Failure[],
  plan: ReplayPlan,
): Promise<SettledFailures> {
  const table = tableOf(backend, 'subscriptionsTable');
  const foresee = async (catchUp: CatchUpStamp): Promise<ForeseenCatchUp> => ({
    connectionId: catchUp.connectionId,
    subject: subjectOf(catchUp),
    result: await foreseeCatchUp(table, catchUp),
  });
  const catchUps = failures.flatMap((failure) => failure.catchUps);
  const kept = failures.flatMap((failure) => {
    const reason = reasonToKeep(failure, plan);
    return reason === undefined ? [] : [{ id: failure.object.id, reason }];
  });
  const foreseen = await runBounded(catchUps, CLI_BOUNDS.READ_CONCURRENCY, foresee);
  return { ...NOTHING_SETTLED, kept, foreseen, published: failures.flatMap(publishedOf) };
}

const publishedOf = ({ stream, object: { id }, tableRecords, functionName }: Failure): PublishedFailure[] =>
  stream === 'table' ? [{ id, records: tableRecords.length, functionName }] : [];

/** Asks again for each catch-up of a failure. A rejection keeps the failure: asking twice does no harm. */
async function catchUpAll(backend: Backend, { object, catchUps }: Failure): Promise<CaughtUpFailure> {
  const table = tableOf(backend, 'subscriptionsTable');
  const came = { asked: 0, superseded: 0, gone: 0 };
  for (const catchUp of catchUps) came[await repeatCatchUp(table, catchUp, randomUUID())] += 1;
  return { id: object.id, ...came };
}

function reasonToKeep({ stream, condition, records }: Failure, plan: ReplayPlan): string | undefined {
  if (stream === 'unreadable') return condition;
  if (stream === 'other') return 'it is of an unknown stream: discard it when you have seen it';
  const poison = records.filter(({ kind }) => kind === 'poison').length;
  if (poison > 0) return `${poison} of ${records.length} records are poison: discard it when you have seen them`;
  const earlier = new Set(plan.earlierEpoch.map(({ image }) => image));
  const outdated = records.some((record) => record.kind === 'change' && earlier.has(record.image));
  return outdated ? 'it has changes of an earlier epoch, which are not sent: discard it' : undefined;
}
