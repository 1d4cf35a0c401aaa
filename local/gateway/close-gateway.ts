import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { GOING_AWAY } from './close-reason.ts';
import type { GatewayConnection } from './connection.ts';
import type { Disconnects } from './disconnects.ts';
import type { Edge } from './edges.ts';
import type { GatewayLimits } from './limits.ts';
import type { PostPath } from './post-path.ts';
import type { Upgrades } from './upgrade.ts';

/** The parts of a running gateway that end with it. */
export interface RunningGateway {
  readonly server: Server;
  readonly edges: readonly Edge[];
  readonly posts: PostPath | undefined;
  readonly upgrades: Upgrades;
  readonly disconnects: Disconnects;
  readonly connections: ReadonlyMap<string, GatewayConnection>;
  readonly limits: GatewayLimits;
}

/** Closes a gateway. The server is closed last, because `$disconnect` functions may still call `@connections`. */
export async function closeGateway({
  server,
  edges,
  posts,
  upgrades,
  disconnects,
  connections,
  limits,
}: RunningGateway): Promise<void> {
  upgrades.stop();
  for (const connection of connections.values()) connection.end(GOING_AWAY);
  await settleWithin(Promise.all([disconnects.idle(), upgrades.allClosed()]), limits.shutdownMs);
  upgrades.terminateAll();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  posts?.destroyAll();
  await Promise.all([closed, ...edges.map((edge) => edge.close())]);
}

async function settleWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const stop = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: stop.signal }).catch(() => {
    // Aborted: the work was finished in time.
  });
  await Promise.race([work, timeout]);
  stop.abort();
}
