import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/** The dependencies of ending a connection. */
export interface EndConnectionDeps extends Omit<SendRecoveryDeps, 'findHead' | 'listMessages' | 'report'> {
  /**
   * Closes a connection. Resolves to whether API Gateway knew it: not one that is gone, nor one whose handshake is in
   * flight. Rejects when API Gateway could not be reached.
   */
  readonly close: (connectionId: string) => Promise<boolean>;
  /** Deletes the records of a connection, but not its list, by which its subject's connections are found. */
  readonly removeSubscriptions: (connectionId: string) => Promise<unknown>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
}

/**
 * Ends a connection: deletes its subscriptions, so that nothing more is delivered to it, tells the client why, closes
 * it, and deletes the rest of its records. A client that takes no frame is closed all the same. Rejects when the
 * connection could not be closed. Its list stays then, and also where its handshake may be in flight: the next sweep
 * finds it.
 */
export async function endConnection(
  deps: EndConnectionDeps,
  connection: ConnectionRef,
  reason: Omit<ErrorFrame, 'type'>,
): Promise<void> {
  const { connectionId, connectedAt } = connection;
  await deps.removeSubscriptions(connectionId);
  await sendFrames(deps, connection, [JSON.stringify({ type: 'error', ...reason } satisfies ErrorFrame)]);
  const wasKnown = await deps.close(connectionId);
  if (wasKnown || isPastGrace(connectedAt, deps.now())) await deps.removeConnection(connectionId);
}
