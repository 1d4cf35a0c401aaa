import { backoffMs } from './backoff.ts';
import * as BOUNDS from './bounds.ts';
import { socketsOf, type State, STATUS_OF } from './connection-state.ts';
import { MonitoredSocket, type MonitoredSocketDeps, type ReceivedFrame, type SocketKind } from './monitored-socket.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Status, Transport } from './types.ts';

/** The role of one of two sockets: the one in use, or the one that will replace it. */
export type SocketRole = 'current' | 'next';

/** The parts that a `ReconnectingSocket` uses. */
export interface ReconnectingSocketDeps extends Omit<MonitoredSocketDeps, 'onOpen' | 'onFrame' | 'onEnd'> {
  readonly random: () => number;
  readonly transport: Transport;
  readonly onFrame: (frame: ReceivedFrame, role: SocketRole) => void;
  readonly onStatus: (status: Status) => void;
  /** Called when the next socket is open. Its URL subscribed to `topics`. Once it has caught up, call `promote`. */
  readonly onNextOpen: (topics: readonly string[]) => void;
  /** Called when the next socket failed. The current one is kept. */
  readonly onNextLost: () => void;
  /** Called when the next socket has become the current one. */
  readonly onPromoted: () => void;
}

/** Close code of a server that ends a connection in order, because of its age or because it was idle. */
const GOING_AWAY = 1001;

/**
 * A connection that outlives its sockets:
 *
 *     opening ──open──▶ open ──near its end──▶ renewing ──caught up, or old one lost──▶ open …
 *        │  ▲             │ ▲─────next one refused─┘  │ old one lost, next not open yet
 *  refused  └─pause over──┼──────────────────────────▶ opening
 *        └──▶ waiting ◀──lost          any ──disconnect()──▶ disconnected ──connect()──▶ opening
 *                                      any ──close()──▶ closed
 *
 * With the transport `auto`, each refused opening from the second in a row on is followed at once by one of the other
 * kind. A connection over HTTP is renewed soon, by a WebSocket if one can be opened.
 */
export class ReconnectingSocket {
  readonly #deps: ReconnectingSocketDeps;
  #state: State;
  #failures = 0;
  #renewalFailures = 0;
  /** The number of handshakes with a token that were refused since the last open socket. */
  #refusals = 0;
  /** The kind of the last open socket. */
  #kind: SocketKind;
  /** Whether the opening is one of the other kind, after a refused one. */
  #isOtherKind = false;

  constructor(deps: ReconnectingSocketDeps) {
    this.#deps = deps;
    this.#kind = deps.transport === 'http' ? 'http' : 'websocket';
    this.#state = { name: 'opening', socket: this.#newSocket() };
  }

  get kind(): SocketKind {
    return this.#kind;
  }

  get status(): Status {
    return STATUS_OF[this.#state.name];
  }

  /** The topics that the URL of the current socket subscribed to. */
  get topics(): readonly string[] {
    return 'socket' in this.#state ? this.#state.socket.topics : [];
  }

  /** Sends a frame that will be answered. Returns false when there is no such socket. */
  send(text: string, role: SocketRole): boolean {
    const state = this.#state;
    if (role === 'next') return state.name === 'renewing' && state.next.send(text);
    return 'socket' in state && state.socket.send(text);
  }

  /** Replaces the current socket by the next one, which has caught up. */
  promote(): void {
    if (this.#state.name !== 'renewing') return;
    this.#kind = this.#state.next.kind;
    this.#enter(this.#openState(this.#state.next));
    this.#renewalFailures = 0;
    this.#deps.onPromoted();
  }

  /** Opens the next socket soon, because the token of the current one has ended. */
  renew(): void {
    const state = this.#state;
    // A renewal that has failed is tried again already.
    if (state.name !== 'open' || this.#renewalFailures > 0) return;
    const { socket } = state;
    this.#enter(this.#openUntil(socket, (socket.openedAtMs ?? 0) + BOUNDS.RENEW_PAUSE_MS));
  }

  /** Closes the socket, as the server does: this client has sent too much. The next one waits for a pause and more. */
  holdOff(pauseMs = 0): void {
    // A listener of an earlier frame may have ended the connection.
    if ('socket' in this.#state) this.#wait(pauseMs + this.#pauseMs(), true);
  }

  /** Ends a pause of its own at once, and checks an open socket by a ping: the device or the tab was inactive. */
  wake(): void {
    const state = this.#state;
    if (state.name === 'waiting' && !state.isHeld) this.connect();
    else if (state.name === 'open' || state.name === 'renewing') state.socket.probe();
  }

  /** Closes the sockets, until `connect` is called. */
  disconnect(): void {
    if (this.#state.name !== 'closed') this.#enter({ name: 'disconnected' });
  }

  /** Opens a socket at once if there is none. */
  connect(): void {
    const { name } = this.#state;
    if (name === 'disconnected') this.#refusals = 0;
    if (name === 'disconnected' || name === 'waiting') this.#enter({ name: 'opening', socket: this.#newSocket() });
  }

  close(): void {
    if (this.#state.name !== 'closed') this.#enter({ name: 'closed' });
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if ('cancel' in left) left.cancel();
    const kept = socketsOf(next);
    for (const socket of socketsOf(left)) if (!kept.includes(socket)) socket.close();
    if (STATUS_OF[left.name] !== STATUS_OF[next.name]) this.#deps.onStatus(STATUS_OF[next.name]);
  }

  #newSocket(kind = this.#kind): MonitoredSocket {
    const deps: MonitoredSocketDeps = {
      ...this.#deps,
      onOpen: (socket) => this.#opened(socket),
      onFrame: (frame, socket) => this.#deps.onFrame(frame, this.#isNext(socket) ? 'next' : 'current'),
      onEnd: (socket, closeCode) => this.#ended(socket, closeCode),
    };
    return new MonitoredSocket(deps, kind);
  }

  #isNext = (socket: MonitoredSocket): boolean => this.#state.name === 'renewing' && this.#state.next === socket;

  #opened(socket: MonitoredSocket): void {
    this.#refusals = 0;
    if (this.#isNext(socket)) return this.#deps.onNextOpen(socket.topics);
    this.#kind = socket.kind;
    this.#isOtherKind = false;
    this.#enter(this.#openState(socket));
  }

  #ended(socket: MonitoredSocket, closeCode: number | undefined): void {
    const isRefused = socket.wasRefused;
    if (isRefused) this.#refusals += 1;
    this.#leave(socket, closeCode);
    // Last: a listener may disconnect or close the client.
    if (isRefused && this.#refusals === BOUNDS.REFUSALS) {
      this.#deps.onError(new RealtimeError('unauthorized', 'Handshakes with the token keep failing.'));
    }
  }

  #leave(socket: MonitoredSocket, closeCode: number | undefined): void {
    const state = this.#state;
    if (state.name !== 'renewing') return this.#lost(socket, closeCode);
    if (state.next === socket) return this.#keepCurrent(state.socket);
    if (state.next.openedAtMs === undefined) return this.#enter({ name: 'opening', socket: state.next });
    this.promote();
  }

  /** Schedules the renewal at a random age: connections that began together must not all be renewed together. */
  #openState(socket: MonitoredSocket): State {
    const share = BOUNDS.RENEW_FROM_SHARE + this.#deps.random() * (BOUNDS.RENEW_TO_SHARE - BOUNDS.RENEW_FROM_SHARE);
    const { openedAtMs = 0, endsAtMs } = socket;
    return this.#openUntil(socket, openedAtMs + (endsAtMs - openedAtMs) * share);
  }

  #openUntil(socket: MonitoredSocket, dueMs: number): State {
    const { clock } = this.#deps;
    const cancel = clock.after(Math.max(0, dueMs - clock.now()), () => this.#renew(socket));
    return { name: 'open', socket, cancel };
  }

  #renew(socket: MonitoredSocket): void {
    const cancel = this.#deps.clock.after(BOUNDS.RENEW_TIMEOUT_MS, () => this.#keepCurrent(socket));
    this.#enter({ name: 'renewing', socket, next: this.#newSocket(this.#nextKind(socket)), cancel });
  }

  /** Returns the kind that replaces a socket: one over HTTP is replaced by its like only for another token. */
  #nextKind({ kind, isTokenDue }: MonitoredSocket): SocketKind {
    return this.#deps.transport === 'auto' && !isTokenDue ? 'websocket' : kind;
  }

  #keepCurrent(socket: MonitoredSocket): void {
    const bounds = { baseMs: BOUNDS.RENEW_RETRY_BASE_MS, capMs: BOUNDS.RENEW_RETRY_CAP_MS };
    const { clock, random } = this.#deps;
    const delayMs = backoffMs(bounds, this.#renewalFailures, random);
    this.#renewalFailures += 1;
    this.#enter(this.#openUntil(socket, clock.now() + delayMs));
    this.#deps.onNextLost();
  }

  #lost({ openedAtMs, kind }: MonitoredSocket, closeCode: number | undefined): void {
    const { clock, transport } = this.#deps;
    const isRefused = openedAtMs === undefined && this.#failures + 1 >= BOUNDS.HANDSHAKES;
    this.#isOtherKind = transport === 'auto' && isRefused && !this.#isOtherKind;
    if (this.#isOtherKind) {
      const socket = this.#newSocket(kind === 'http' ? 'websocket' : 'http');
      return this.#enter({ name: 'opening', socket });
    }
    const isStable = openedAtMs !== undefined && clock.now() - openedAtMs >= BOUNDS.STABLE_AFTER_MS;
    if (isStable) this.#failures = 0;
    // Reconnects at once after a close in order, but not several times in a row.
    const isInOrder = closeCode === GOING_AWAY && this.#failures === 0;
    this.#wait(isInOrder ? 0 : this.#pauseMs());
  }

  #wait(delayMs: number, isHeld?: true): void {
    this.#failures += 1;
    const retry = () => this.#enter({ name: 'opening', socket: this.#newSocket() });
    this.#enter({ name: 'waiting', cancel: this.#deps.clock.after(delayMs, retry), isHeld });
  }

  #pauseMs(): number {
    const bounds = { baseMs: BOUNDS.RECONNECT_BASE_MS, capMs: BOUNDS.RECONNECT_CAP_MS };
    const failures = this.#refusals < BOUNDS.REFUSALS ? this.#failures : Infinity;
    return backoffMs(bounds, failures, this.#deps.random);
  }
}
