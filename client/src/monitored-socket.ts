import * as BOUNDS from './bounds.ts';
import { decodeServerFrame } from './decode-server-frame.ts';
import { callSafely } from './emitter.ts';
import type { Handshake } from './handshake.ts';
import { Liveness } from './liveness.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Clock, DebugListener, Socket, SocketClass } from './types.ts';

/** A decoded frame of the server or of API Gateway. */
export type ReceivedFrame = NonNullable<ReturnType<typeof decodeServerFrame>>;

/** The kind of a connection. */
export type SocketKind = 'websocket' | 'http';

/** The parts that a `MonitoredSocket` uses. */
export interface MonitoredSocketDeps {
  readonly clock: Clock;
  readonly socketClass: SocketClass;
  /** Loads the class of connections over HTTP. Resolves to undefined when that fails. */
  readonly loadHttp: () => Promise<SocketClass | undefined>;
  /** Age in ms of a connection over HTTP at which it is renewed. */
  readonly httpLifetimeMs: number;
  readonly idleMs: number;
  /** Age in ms at which the server closes a connection. */
  readonly lifetimeMs: number;
  /** Returns the handshake of a new socket. Called for each socket, because token and topics change. */
  readonly handshake: () => Handshake | Promise<Handshake>;
  readonly pingFrame: () => object;
  readonly onOpen: (socket: MonitoredSocket) => void;
  readonly onFrame: (frame: ReceivedFrame, socket: MonitoredSocket) => void;
  /** Called once when the socket ends, except by `close()`: refused, too slow, closed by the server, lost or dead. */
  readonly onEnd: (socket: MonitoredSocket, closeCode: number | undefined) => void;
  /** Called before `onEnd` when the token function failed, or there is no socket. May close this socket. */
  readonly onError: (error: RealtimeError) => void;
  /** Called before `onEnd` when there is no token for this client any more. May close this socket. */
  readonly onStop: (error: RealtimeError) => void;
  readonly debug: DebugListener | undefined;
}

/** Types of frames that show that the subscriptions deliver. */
const DELIVERIES: ReadonlySet<ReceivedFrame['type']> = new Set(['message', 'state', 'subscribed', 'presence', 'batch']);

/** A WebSocket from its opening to its end, with its open timeout and its liveness check. */
export class MonitoredSocket {
  readonly kind: SocketKind;
  readonly #deps: MonitoredSocketDeps;
  readonly #liveness: Liveness;
  readonly #cancelTimeout: () => void;
  #socket: Socket | undefined;
  #topics: readonly string[] = [];
  #hasToken = false;
  #wasRefused = false;
  #tokenEndsAtMs = Infinity;
  #tokenDueAtMs = Infinity;
  #openedAtMs: number | undefined;
  #isOver = false;

  constructor(deps: MonitoredSocketDeps, kind: SocketKind) {
    this.#deps = deps;
    this.kind = kind;
    const { clock, idleMs, pingFrame } = deps;
    this.#liveness = new Liveness({
      clock,
      idleMs,
      sendPing: () => this.send(JSON.stringify(pingFrame())),
      onDead: () => this.#end(undefined),
    });
    // Before the timer: a token that can never be sent throws here.
    this.#open();
    this.#cancelTimeout = clock.after(BOUNDS.OPEN_TIMEOUT_MS, () => this.#end(undefined));
  }

  /** Time of the opening; undefined before. */
  get openedAtMs(): number | undefined {
    return this.#openedAtMs;
  }

  /** Time at which the server closes the socket: because of its age, or of the end of its token. */
  get endsAtMs(): number {
    const { lifetimeMs, httpLifetimeMs } = this.#deps;
    const ageMs = this.kind === 'http' ? httpLifetimeMs : lifetimeMs;
    return Math.min((this.#openedAtMs ?? 0) + ageMs, this.#tokenEndsAtMs);
  }

  /** Whether the token has so little time left that the next connection has to have another one. */
  get isTokenDue(): boolean {
    const { clock } = this.#deps;
    return clock.now() >= this.#tokenDueAtMs;
  }

  /** Whether a handshake with a token failed: not because it took too long, or because the device is offline. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  /** The topics that the URL subscribed to. */
  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Sends a frame that will be answered. Returns false when the socket is not open. */
  send(text: string): boolean {
    if (this.#socket === undefined || this.#openedAtMs === undefined || this.#isOver) return false;
    try {
      this.#socket.send(text);
    } catch {
      // Deferred: the caller is in the middle of its work.
      queueMicrotask(() => this.#end(undefined));
      return false;
    }
    this.#debug('out', text);
    this.#liveness.sent();
    return true;
  }

  /** Sends a ping at once. A device may have slept, and its timers with it. */
  probe(): void {
    if (this.#openedAtMs !== undefined && !this.#isOver) this.#liveness.probe();
  }

  /** Closes the socket without a call of `onEnd`. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimeout();
    this.#liveness.stop();
    // Its `close` event may come late or never. Nothing waits for it.
    this.#socket?.close();
  }

  #open(): void {
    const { handshake, loadHttp, socketClass } = this.#deps;
    const made = handshake();
    const isHttp = this.kind === 'http';
    if (!isHttp && !(made instanceof Promise)) return this.#connect(made, socketClass);
    Promise.all([made, isHttp ? loadHttp() : socketClass]).then(
      ([resolved, loaded]) => this.#connect(resolved, loaded),
      (error: unknown) => this.#failed(isUnauthorized(error) ? 'unauthorized' : 'no-token', error),
    );
  }

  #connect({ href, topics, protocols, hasToken, lifeMs }: Handshake, SocketClass: SocketClass | undefined): void {
    if (this.#isOver) return;
    if (SocketClass === undefined) return this.#end(undefined);
    const { clock } = this.#deps;
    this.#topics = topics;
    this.#hasToken = hasToken;
    this.#tokenEndsAtMs = clock.now() + lifeMs;
    this.#tokenDueAtMs = clock.now() + lifeMs * BOUNDS.RENEW_FROM_SHARE;
    try {
      const socket = new SocketClass(href, protocols);
      this.#listen(socket);
      this.#socket = socket;
    } catch (error) {
      // Deferred: the owner does not know this socket yet.
      queueMicrotask(() => this.#failed('no-socket', error));
    }
  }

  #listen(socket: Socket): void {
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', ({ data }) => this.#received(data));
    socket.addEventListener('close', ({ code }) => this.#disconnected(code));
    // A platform fires `error` only when the connection has failed. Node 22 fires no `close` after a refused handshake.
    socket.addEventListener('error', () => this.#disconnected(undefined));
  }

  #opened(): void {
    if (this.#isOver) return;
    this.#cancelTimeout();
    this.#openedAtMs = this.#deps.clock.now();
    this.#liveness.start();
    this.#deps.onOpen(this);
  }

  #received(data: unknown): void {
    if (this.#isOver) return;
    this.#debug('in', String(data));
    this.#liveness.received();
    const frame = decodeServerFrame(data);
    if (frame === undefined) return;
    if (DELIVERIES.has(frame.type)) this.#liveness.delivered();
    this.#deps.onFrame(frame, this);
  }

  #debug(direction: 'in' | 'out', text: string): void {
    const { debug } = this.#deps;
    if (debug !== undefined) callSafely(debug, direction, text);
  }

  #disconnected(closeCode: number | undefined): void {
    this.#wasRefused = this.#hasToken && this.#openedAtMs === undefined && !isOffline();
    this.#end(closeCode);
  }

  #failed(code: 'no-token' | 'unauthorized' | 'no-socket', cause: unknown): void {
    if (this.#isOver) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = code === 'no-socket' ? 'No socket' : 'No token';
    const error = new RealtimeError(code, `${what}: ${reason}`, { cause });
    if (code === 'unauthorized') this.#deps.onStop(error);
    else this.#deps.onError(error);
    this.#end(undefined);
  }

  #end(closeCode: number | undefined): void {
    if (this.#isOver) return;
    this.close();
    this.#deps.onEnd(this, closeCode);
  }
}

/**
 * Whether the application says by an error that there is no token any more, for example because the user signed out.
 */
const isUnauthorized = (error: unknown): boolean => Reflect.get(Object(error), 'code') === 'unauthorized';

/** Whether the platform says that the device is offline. Node does not. */
const isOffline = (): boolean => Reflect.get(Object(Reflect.get(globalThis, 'navigator')), 'onLine') === false;
