import type { ErrorFrame } from '../../protocol/server-frames.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Revocations, SubjectConnection } from '../../store/revocations.ts';
import { endConnection, type EndConnectionDeps } from './end-connection.ts';

/**
 * Number of sweeps after the first one. A connection whose handshake was decided before the revocation may be recorded
 * after the first sweep, and the index shows it later still.
 */
export const LATER_SWEEPS = 4;
/**
 * Time in ms between two sweeps of a revocation, 1,500. No record waits for all of it: other subjects' revocations, and
 * the catch-ups of other connections, are in the same lane of the stream.
 */
export const SWEEP_PAUSE_MS = 1_500;
/**
 * Longest wait in ms of one record for its sweep, 100. A sweep that is due later is put off: its record is written
 * again, and comes behind those that have gathered in its lane meanwhile. A lower value costs more writes.
 */
export const SWEEP_WAIT_MS = 100;
/** Number of connections that are ended at once. */
const END_CONCURRENCY = 8;

/** The dependencies of ending the connections of a subject whose permissions were revoked. */
export interface SweepRevokedDeps extends EndConnectionDeps {
  readonly listConnectionsOf: (subject: string) => AsyncIterable<SubjectConnection>;
  /** Asks for the next sweep, due at a time in epoch milliseconds. */
  readonly sweepAgain: (revocations: Revocations, dueAt: number) => Promise<void>;
  /** Asks for the same sweep again, since it is not due yet. */
  readonly putOff: (revocations: Revocations) => Promise<void>;
}

/**
 * Ends the connections of a subject that were let in before its newest revocation, and asks for a later sweep. A
 * connection that comes back has what was left to it, and stays. Resolves to the number of connections, or to undefined
 * if the sweep is not due yet and was put off. Rejects, after all the others were ended and the later sweep was asked
 * for, when one of them could not be ended.
 */
export async function sweepRevoked(deps: SweepRevokedDeps, revocations: Revocations): Promise<number | undefined> {
  const { subject, version, sweeps, patterns, dueAt } = revocations;
  if (!(await waitUntil(deps, dueAt))) {
    await deps.putOff(revocations);
    return undefined;
  }
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
  if (sweeps < LATER_SWEEPS) await deps.sweepAgain(revocations, deps.now() + SWEEP_PAUSE_MS);
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${stale.length} connections could not be ended.`, { cause: failures[0] });
  }
  return stale.length;
}

/** Waits for a time, for `SWEEP_WAIT_MS` at most. Resolves to whether it has come. */
async function waitUntil({ now, waiting }: SweepRevokedDeps, dueAt = 0): Promise<boolean> {
  const leftMs = dueAt - now();
  if (leftMs > 0) await waiting.sleep(Math.min(leftMs, SWEEP_WAIT_MS));
  return leftMs <= SWEEP_WAIT_MS;
}
