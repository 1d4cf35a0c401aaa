import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

type Direction = 'to the server' | 'to the client' | 'both ways';

/** Stands between one client and the server, so that what is between them can fail. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection there is, without a word of either side. False: there was none. */
  readonly reset: () => boolean;
  /** Silences one direction of the open connections, without closing them. Returns whether there was any. */
  readonly silence: (direction: Direction) => boolean;
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  isSilentToServer: boolean;
  isSilentToClient: boolean;
}

/** Starts one on 127.0.0.1, in front of a port there. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const listener = createServer((client) => join(pairs, client, connect({ host: '127.0.0.1', port: targetPort })));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: portOf(listener),
    reset: () => each(pairs, resetPair),
    silence: (direction) =>
      each(pairs, (pair) => {
        if (direction !== 'to the client') pair.isSilentToServer = true;
        if (direction !== 'to the server') pair.isSilentToClient = true;
      }),
    close: async () => {
      each(pairs, resetPair);
      listener.close();
      await once(listener, 'close');
    },
  };
}

function each(pairs: ReadonlySet<Pair>, act: (pair: Pair) => void): boolean {
  const all = [...pairs];
  for (const pair of all) act(pair);
  return all.length > 0;
}

function resetPair({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

/** Joins two sockets. The bytes of a silenced direction are read and dropped: a full buffer would show the sender. */
function join(pairs: Set<Pair>, client: Socket, server: Socket): void {
  const pair: Pair = { client, server, isSilentToServer: false, isSilentToClient: false };
  pairs.add(pair);
  client.on('data', (bytes) => {
    if (!pair.isSilentToServer) server.write(bytes);
  });
  server.on('data', (bytes) => {
    if (!pair.isSilentToClient) client.write(bytes);
  });
  client.on('close', () => end(pairs, pair, { other: server, isSilent: pair.isSilentToServer }));
  server.on('close', () => end(pairs, pair, { other: client, isSilent: pair.isSilentToClient }));
  // A `close` follows.
  for (const socket of [client, server]) socket.on('error', () => undefined);
}

/** The end of one side is passed on like its bytes: where those do not get through, the end does not either. */
function end(pairs: Set<Pair>, pair: Pair, { other, isSilent }: { other: Socket; isSilent: boolean }): void {
  if (!isSilent) other.destroySoon();
  if (pair.client.destroyed && pair.server.destroyed) pairs.delete(pair);
}

function portOf(listener: Server): number {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return address.port;
}
