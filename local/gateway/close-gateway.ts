import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { GOING_AWAY } from './close-reason.ts';
import type { Edge } from './edges.ts';
import type { GatewayLimits } from './limits.ts';
import type { PostPath } from './post-path.ts';
import type { RunningStage } from './stage.ts';

/** The parts of a running gateway that end with it. */
export interface RunningGateway {
  readonly server: Server;
  readonly edges: readonly Edge[];
  /** The parts that hold sockets which the server does not know. */
  readonly held: readonly (Pick<PostPath, 'destroyAll'> | undefined)[];
  readonly stages: readonly RunningStage[];
  readonly limits: GatewayLimits;
}

/** Closes a gateway. The server is closed last, because `$disconnect` functions may still call `@connections`. */
export async function closeGateway({ server, edges, held, stages, limits }: RunningGateway): Promise<void> {
  for (const stage of stages) endConnections(stage);
  const ended = stages.flatMap(({ disconnects, upgrades }) => [disconnects.idle(), upgrades.allClosed()]);
  await settleWithin(Promise.all(ended), limits.shutdownMs);
  for (const { upgrades } of stages) upgrades.terminateAll();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  for (const part of held) part?.destroyAll();
  await Promise.all([closed, ...edges.map((edge) => edge.close())]);
}

function endConnections({ upgrades, connections }: RunningStage): void {
  upgrades.stop();
  for (const connection of connections.values()) connection.end(GOING_AWAY);
}

async function settleWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const stop = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: stop.signal }).catch(() => {
    // Aborted: the work was finished in time.
  });
  await Promise.race([work, timeout]);
  stop.abort();
}
