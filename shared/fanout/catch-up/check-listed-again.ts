import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { Revocations } from '../../store/revocations.ts';

type ListedAgain = Extract<CatchUpRequest, { kind: 'listed-again' }>;

/** The dependencies of checking a connection that has a list again. */
export interface CheckListedAgainDeps {
  /** Reads the revocations of a subject, strongly consistent. Undefined when there were none of late. */
  readonly findRevocations: (subject: string) => Promise<Revocations | undefined>;
  /** Asks for all sweeps of a revocation once more. */
  readonly sweepAnew: (revocations: Revocations) => Promise<void>;
}

/**
 * Looks whether the subject of a connection was revoked while no sweep could find the connection: its records, its list
 * among them, had been deleted after a false 410. Leaves its end to the sweeps, since they are repeated when they fail.
 */
export async function checkListedAgain(
  deps: CheckListedAgainDeps,
  { subject, seen }: ListedAgain,
): Promise<'kept' | 'revoked'> {
  const revocations = await deps.findRevocations(subject);
  if (revocations === undefined || revocations.version <= seen) return 'kept';
  await deps.sweepAnew(revocations);
  return 'revoked';
}
