import { CLOSED_NORMALLY } from './close-reason.ts';
import type { RunningStage } from './stage.ts';

/** An established connection, as people see it. */
export interface OpenConnection {
  readonly connectionId: string;
  readonly stage: string;
  /** Times in epoch ms. */
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  readonly userAgent: string | undefined;
}

/** Returns the established connections of stages, the newest first, at most this many. */
export function newestConnections(stages: readonly RunningStage[], maximum: number): readonly OpenConnection[] {
  const newest = stages.flatMap(({ context, connections }) =>
    [...connections.values()].slice(-maximum).map(({ facts, lastActiveAt }) => ({
      connectionId: facts.connectionId,
      stage: context.api.stage,
      connectedAt: facts.connectedAt,
      lastActiveAt,
      userAgent: facts.client.userAgent,
    })),
  );
  return newest.toSorted((a, b) => b.connectedAt - a.connectedAt).slice(0, maximum);
}

/** Closes a connection from this side. Returns false for one that none of the stages has. */
export function closeConnection(stages: readonly RunningStage[], connectionId: string): boolean {
  const found = stages.map(({ connections }) => connections.get(connectionId)).find((one) => one !== undefined);
  found?.end(CLOSED_NORMALLY);
  return found !== undefined;
}
