import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { listen } from '../../local/ports.ts';

/** A proxy whose connections can all be ended at once. */
export interface CutProxy {
  readonly port: number;
  /** Ends all connections, and refuses new ones. */
  readonly cut: () => void;
  /** Takes connections again. */
  readonly restore: () => void;
}

/** Starts a proxy in front of a port. */
export async function startCutProxy(port: number): Promise<CutProxy> {
  const passing = new Set<Socket>();
  let isDown = false;
  const server = createServer((client) => {
    if (isDown) {
      client.destroy();
      return;
    }
    const upstream = connectTcp(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      passing.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        passing.delete(from);
        to.destroy();
      });
    }
  });
  return {
    port: await listen(server, 0),
    cut: () => {
      isDown = true;
      for (const socket of passing) socket.destroy();
    },
    restore: () => {
      isDown = false;
    },
  };
}
