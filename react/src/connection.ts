import type { Realtime, RealtimeError, Status } from '@distributary/client';

/** The state of the connection, as a component shows it. */
export interface ConnectionState {
  readonly status: Status;
  /** The newest error that belongs to no request, such as that of a token; undefined when there was none. */
  readonly error: RealtimeError | undefined;
}

/** The connection for a component: its state, and functions that open and close it. */
export interface ConnectionView extends ConnectionState {
  /** Connects at once, after `disconnect` or while offline. */
  readonly connect: () => void;
  /** Closes the connection until `connect` is called. Subscriptions stay, and catch up then. */
  readonly disconnect: () => void;
}

/** The state before there is a client, and on a server. */
export const NOT_CONNECTED: ConnectionState = { status: 'connecting', error: undefined };

/** Reports the state of a client's connection by `set`. Returns a function that ends it. */
export function followConnection(client: Realtime, set: (state: ConnectionState) => void): () => void {
  let error: RealtimeError | undefined;
  const report = (): void => set({ status: client.status, error });
  report();
  const ends = [
    client.on('status', report),
    client.on('error', (newest) => {
      error = newest;
      report();
    }),
  ];
  return () => ends.forEach((end) => end());
}
