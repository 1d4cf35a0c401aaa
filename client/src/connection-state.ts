import type { MonitoredSocket } from './monitored-socket.ts';
import type { Status } from './types.ts';

/** The state of the connection. Each state holds what must be cancelled or closed on leaving it. */
export type State =
  | { readonly name: 'opening'; readonly socket: MonitoredSocket }
  | { readonly name: 'open'; readonly socket: MonitoredSocket; readonly cancel: () => void }
  | {
      readonly name: 'renewing';
      readonly socket: MonitoredSocket;
      readonly next: MonitoredSocket;
      readonly cancel: () => void;
    }
  /** `isHeld`: the server named the pause, which only the application ends. */
  | { readonly name: 'waiting'; readonly cancel: () => void; readonly isHeld?: true | undefined }
  | { readonly name: 'disconnected' }
  | { readonly name: 'closed' };

/** The status that the application sees in each state. */
export const STATUS_OF: Readonly<Record<State['name'], Status>> = {
  opening: 'connecting',
  open: 'online',
  renewing: 'online',
  waiting: 'offline',
  disconnected: 'disconnected',
  closed: 'closed',
};

/** Returns the sockets of a state. */
export function socketsOf(state: State): readonly MonitoredSocket[] {
  if (state.name === 'renewing') return [state.socket, state.next];
  return 'socket' in state ? [state.socket] : [];
}
