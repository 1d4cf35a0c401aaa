import type { Backend } from '../backend.ts';
import type { Failure } from '../failures/failure.ts';
import { removeFailure } from '../failures/failure-store.ts';
import type { Plan } from './plan.ts';

interface KeptFailure {
  readonly id: string;
  readonly reason: string;
}

export interface SettledFailures {
  readonly removed: readonly string[];
  readonly kept: readonly KeptFailure[];
}

/** After a replay that sent all of its plan: removes each failure of which every record was sent; any other stays. */
export async function settleFailures(
  backend: Backend,
  failures: readonly Failure[],
  plan: Plan,
): Promise<SettledFailures> {
  const removed: string[] = [];
  const kept: KeptFailure[] = [];
  for (const failure of failures) {
    const { id, key } = failure.object;
    const reason = reasonToKeep(failure, plan);
    if (reason !== undefined) kept.push({ id, reason });
    else {
      await removeFailure(backend, key);
      removed.push(id);
    }
  }
  return { removed, kept };
}

function reasonToKeep({ stream, condition, records }: Failure, plan: Plan): string | undefined {
  if (stream === 'unreadable') return condition;
  if (stream === 'other') return 'it is no change of a topic (its client has asked again, or is gone): discard it';
  const poison = records.filter(({ kind }) => kind === 'poison').length;
  if (poison > 0) return `${poison} of ${records.length} records are poison: discard it when you have seen them`;
  const earlier = new Set(plan.earlierEpoch.map(({ image }) => image));
  const outdated = records.some((record) => record.kind === 'change' && earlier.has(record.image));
  return outdated ? 'it has changes of an earlier life of their topic, which are not sent: discard it' : undefined;
}
