import type { ErrorFrame } from '../../protocol/server-frames.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Revocations, SubjectConnection } from '../../store/revocations.ts';
import { endConnection, type EndConnectionDeps } from './end-connection.ts';

/**
 * Number of sweeps after the first one. A connection whose handshake was decided before the revocation may be recorded
 * after the first sweep, and the index shows it later still.
 */
export const LATER_SWEEPS = 4;
/** Pause in ms before each later sweep. */
const SWEEP_PAUSE_MS = 1_500;
/** Number of connections that are ended at once. */
const END_CONCURRENCY = 8;

/** The dependencies of ending the connections of a subject whose permissions were revoked. */
export interface SweepRevokedDeps extends EndConnectionDeps {
  readonly listConnectionsOf: (subject: string) => AsyncIterable<SubjectConnection>;
  readonly sweepAgain: (revocations: Revocations) => Promise<void>;
}

/**
 * Ends the connections of a subject that were let in before its newest revocation, and asks for a later sweep. A
 * connection that comes back has what was left to it, and stays. Resolves to the number of connections. Rejects, after
 * all the others were ended and the later sweep was asked for, when one of them could not be ended.
 */
export async function sweepRevoked(deps: SweepRevokedDeps, revocations: Revocations): Promise<number> {
  const { subject, version, sweeps, patterns } = revocations;
  if (sweeps > 0) await deps.waiting.sleep(SWEEP_PAUSE_MS);
  const connections = await Array.fromAsync(deps.listConnectionsOf(subject));
  const stale = connections.filter(({ seen }) => seen < version);
  const reason = {
    code: 'revoked' as const,
    message: 'Permissions of this token were revoked. Connect again for what is left.',
    topics: [...patterns.keys()].toSorted(),
  } satisfies Omit<ErrorFrame, 'type'>;
  const failures: unknown[] = [];
  await runBounded(stale, END_CONCURRENCY, (connection) =>
    endConnection(deps, connection, reason).catch((error: unknown) => failures.push(error)),
  );
  if (sweeps < LATER_SWEEPS) await deps.sweepAgain(revocations);
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${stale.length} connections could not be ended.`, { cause: failures[0] });
  }
  return stale.length;
}
