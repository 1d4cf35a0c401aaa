import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { ConnectionRef } from '../../store/subscription-record.ts';
import { sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/** The dependencies of ending a connection. */
export interface EndConnectionDeps extends Omit<SendRecoveryDeps, 'findHead' | 'listMessages' | 'report'> {
  /** Closes a connection. Resolves when it is closed or gone already; rejects when API Gateway could not be reached. */
  readonly close: (connectionId: string) => Promise<void>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
}

/**
 * Ends a connection: deletes its records, so that nothing more is delivered to it, tells the client why, and closes it.
 * A client that takes no frame is closed all the same. Rejects when the connection could not be closed.
 */
export async function endConnection(
  deps: EndConnectionDeps,
  connection: ConnectionRef,
  reason: Omit<ErrorFrame, 'type'>,
): Promise<void> {
  await deps.removeConnection(connection.connectionId);
  await sendFrames(deps, connection, [JSON.stringify({ type: 'error', ...reason } satisfies ErrorFrame)]);
  await deps.close(connection.connectionId);
}
