import { backoffMs } from './backoff.ts';
import { BOUNDS } from './bounds.ts';
import { decodeFrame } from './decode-frame.ts';
import { Liveness } from './liveness.ts';
import type { Clock, Socket, SocketClass, Status } from './types.ts';

export type ReceivedFrame = NonNullable<ReturnType<typeof decodeFrame>>;

export interface ConnectionDeps {
  readonly socketClass: SocketClass;
  readonly clock: Clock;
  readonly random: () => number;
  /** Asked anew for each attempt: what has to be in it changes. */
  readonly url: () => string;
  readonly ping: () => void;
  readonly onFrame: (frame: ReceivedFrame) => void;
  readonly onStatus: (status: Status) => void;
}

/** Each state holds what must be ended on leaving it. */
type State =
  | { readonly name: 'opening'; readonly socket: Socket; readonly cancelTimeout: () => void }
  | { readonly name: 'open'; readonly socket: Socket; readonly sinceMs: number }
  | { readonly name: 'waiting'; readonly cancelRetry: () => void }
  | { readonly name: 'closed' };

const STATUS_OF: Readonly<Record<State['name'], Status>> = {
  opening: 'connecting',
  open: 'online',
  waiting: 'offline',
  closed: 'closed',
};

/**
 * One socket at a time, and the next when it is gone:
 *
 *     opening ──open──▶ open ──lost──▶ waiting ──pause over──▶ opening …
 *        └──refused, too slow──────────────▲        any ──close()──▶ closed
 */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #liveness: Liveness;
  #state: State;
  #failures = 0;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#liveness = new Liveness({ clock: deps.clock, ping: deps.ping, dead: () => this.#lost() });
    this.#state = this.#opening();
  }

  get status(): Status {
    return STATUS_OF[this.#state.name];
  }

  /** Sends a frame that will be answered; false when there is no connection to send it by. */
  send(frame: object): boolean {
    if (this.#state.name !== 'open') return false;
    this.#state.socket.send(JSON.stringify(frame));
    this.#liveness.sent();
    return true;
  }

  close(): void {
    if (this.#state.name !== 'closed') this.#enter({ name: 'closed' });
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    this.#leave(left, next);
    this.#deps.onStatus(STATUS_OF[next.name]);
  }

  #leave(left: State, next: State): void {
    if (left.name === 'opening') left.cancelTimeout();
    if (left.name === 'waiting') left.cancelRetry();
    if (left.name === 'open') this.#liveness.stop();
    const kept = 'socket' in next ? next.socket : undefined;
    // Its own `close` event may be long in coming, or may never come; nothing waits for it.
    if ('socket' in left && left.socket !== kept) left.socket.close();
  }

  #opening(): State {
    const { clock, socketClass: SocketClass, url } = this.#deps;
    const socket = new SocketClass(url());
    this.#listen(socket);
    return { name: 'opening', socket, cancelTimeout: clock.after(BOUNDS.OPEN_TIMEOUT_MS, () => this.#lost()) };
  }

  #listen(socket: Socket): void {
    const isCurrent = () => 'socket' in this.#state && this.#state.socket === socket;
    socket.addEventListener('open', () => {
      if (isCurrent()) this.#opened(socket);
    });
    socket.addEventListener('message', (event) => {
      if (isCurrent()) this.#received(event.data);
    });
    socket.addEventListener('close', () => {
      if (isCurrent()) this.#lost();
    });
    // A `close` always follows; unheard, some socket classes would throw this error.
    socket.addEventListener('error', () => undefined);
  }

  #opened(socket: Socket): void {
    this.#liveness.start();
    this.#enter({ name: 'open', socket, sinceMs: this.#deps.clock.now() });
  }

  #received(data: unknown): void {
    this.#liveness.received();
    const frame = decodeFrame(data);
    if (frame !== undefined) this.#deps.onFrame(frame);
  }

  #lost(): void {
    const { clock, random } = this.#deps;
    const wasStable = this.#state.name === 'open' && clock.now() - this.#state.sinceMs >= BOUNDS.STABLE_AFTER_MS;
    if (wasStable) this.#failures = 0;
    const delayMs = backoffMs(
      { baseMs: BOUNDS.RECONNECT_BASE_MS, capMs: BOUNDS.RECONNECT_CAP_MS },
      this.#failures,
      random,
    );
    this.#failures += 1;
    this.#enter({ name: 'waiting', cancelRetry: clock.after(delayMs, () => this.#enter(this.#opening())) });
  }
}
