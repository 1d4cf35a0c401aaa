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
 * Number of further sweeps, 30, while connections cannot be ended. Together with their pauses they bridge a failure of
 * the callback endpoint of five minutes.
 */
export const REPEATED_SWEEPS = 30;
/** Time in ms between two of these further sweeps, 10,000. */
const REPEAT_PAUSE_MS = 10_000;
/**
 * Time in ms between two sweeps of a revocation, 1,500. No record waits for all of it: other subjects' revocations, and
 * the catch-ups of other connections, are in the same lane of the stream.
 */
const SWEEP_PAUSE_MS = 1_500;
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

/** The result of a sweep. */
export interface Sweep {
  /** The number of connections that were ended. */
  readonly ended: number;
  /** The reasons for which connections could not be listed, or for which one could not be ended. Empty: none. */
  readonly failures: readonly unknown[];
}

/**
 * Ends the connections of a subject that were let in before its newest revocation, and asks for a later sweep. A
 * connection that comes back has what was left to it, and stays. Resolves to undefined if the sweep is not due yet and
 * was put off. A sweep that fails is repeated for five minutes by later records, so that no lane waits for it. Rejects
 * after that, or when the later sweep could not be asked for.
 */
export async function sweepRevoked(deps: SweepRevokedDeps, revocations: Revocations): Promise<Sweep | undefined> {
  if (!(await waitUntil(deps, revocations.dueAt))) {
    await deps.putOff(revocations);
    return undefined;
  }
  const sweep = await sweepOnce(deps, revocations);
  const { ended, failures } = sweep;
  const pauseMs = pauseAfter(revocations.sweeps, failures.length > 0);
  if (pauseMs !== undefined) await deps.sweepAgain(revocations, deps.now() + pauseMs);
  else if (failures.length > 0) {
    throw new Error(`${failures.length} failures, ${ended} connections ended, in the last sweep.`, {
      cause: failures[0],
    });
  }
  return sweep;
}

/** Returns the time in ms after a sweep at which the next one is due; undefined if it was the last one. */
function pauseAfter(sweeps: number, hasFailed: boolean): number | undefined {
  if (sweeps < LATER_SWEEPS) return SWEEP_PAUSE_MS;
  return hasFailed && sweeps < LATER_SWEEPS + REPEATED_SWEEPS ? REPEAT_PAUSE_MS : undefined;
}

/** Tries to end each connection that a sweep finds. */
async function sweepOnce(deps: SweepRevokedDeps, { subject, version, patterns }: Revocations): Promise<Sweep> {
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const connections = await Array.fromAsync(deps.listConnectionsOf(subject)).catch(fail);
  const stale = (connections ?? []).filter(({ seen }) => seen < version);
  const reason = {
    code: 'revoked' as const,
    message: 'Permissions of this token were revoked. Connect again for what is left.',
    topics: [...patterns.keys()].toSorted(),
  } satisfies Omit<ErrorFrame, 'type'>;
  let ended = 0;
  await runBounded(stale, END_CONCURRENCY, (connection) =>
    endConnection(deps, connection, reason).then(() => void (ended += 1), fail),
  );
  return { ended, failures };
}

/** Waits for a time, for `SWEEP_WAIT_MS` at most. Resolves to whether it has come. */
async function waitUntil({ now, waiting }: SweepRevokedDeps, dueAt = 0): Promise<boolean> {
  const leftMs = dueAt - now();
  if (leftMs > 0) await waiting.sleep(Math.min(leftMs, SWEEP_WAIT_MS));
  return leftMs <= SWEEP_WAIT_MS;
}
