import * as BOUNDS from './bounds.ts';
import { decodeServerFrame } from './decode-server-frame.ts';
import { callSafely } from './emitter.ts';
import type { Handshake } from './handshake.ts';
import { Liveness } from './liveness.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Clock, DebugListener, Socket, SocketClass } from './types.ts';

/** A decoded frame of the server or of API Gateway. */
export type ReceivedFrame = NonNullable<ReturnType<typeof decodeServerFrame>>;

/** The parts that a `MonitoredSocket` uses. */
export interface MonitoredSocketDeps {
  readonly clock: Clock;
  readonly socketClass: SocketClass;
  readonly idleMs: number;
  /** Returns the handshake of a new socket. Called for each socket, because token and topics change. */
  readonly handshake: () => Handshake | Promise<Handshake>;
  readonly pingFrame: () => object;
  readonly onOpen: (socket: MonitoredSocket) => void;
  readonly onFrame: (frame: ReceivedFrame, socket: MonitoredSocket) => void;
  /** Called once when the socket ends, except by `close()`: refused, too slow, closed by the server, lost or dead. */
  readonly onEnd: (socket: MonitoredSocket, closeCode: number | undefined) => void;
  /** Called before `onEnd` when there is no token or no socket. */
  readonly onError: (error: RealtimeError) => void;
  readonly debug: DebugListener | undefined;
}

/** Types of frames that do not show that the subscriptions deliver. */
const ANSWERS: ReadonlySet<ReceivedFrame['type']> = new Set(['ack', 'error', 'history', 'pong', 'gateway']);

/** A WebSocket from its opening to its end, with its open timeout and its liveness check. */
export class MonitoredSocket {
  readonly #deps: MonitoredSocketDeps;
  readonly #liveness: Liveness;
  readonly #cancelTimeout: () => void;
  #socket: Socket | undefined;
  #topics: readonly string[] = [];
  #openedAtMs: number | undefined;
  #isOver = false;

  constructor(deps: MonitoredSocketDeps) {
    this.#deps = deps;
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
    const handshake = this.#deps.handshake();
    if (!(handshake instanceof Promise)) return this.#connect(handshake);
    handshake.then(
      (resolved) => this.#connect(resolved),
      (error: unknown) => this.#failed('no-token', error),
    );
  }

  #connect({ href, topics, protocols }: Handshake): void {
    if (this.#isOver) return;
    const { socketClass: SocketClass } = this.#deps;
    this.#topics = topics;
    try {
      const socket = protocols.length === 0 ? new SocketClass(href) : new SocketClass(href, [...protocols]);
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
    socket.addEventListener('close', ({ code }) => this.#end(code));
    // A platform fires `error` only when the connection has failed. Node 22 fires no `close` after a refused handshake.
    socket.addEventListener('error', () => this.#end(undefined));
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
    if (!ANSWERS.has(frame.type)) this.#liveness.delivered();
    this.#deps.onFrame(frame, this);
  }

  #debug(direction: 'in' | 'out', text: string): void {
    const { debug } = this.#deps;
    if (debug !== undefined) callSafely(debug, direction, text);
  }

  #failed(code: 'no-token' | 'no-socket', cause: unknown): void {
    if (this.#isOver) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = code === 'no-token' ? 'No token' : 'No socket';
    this.#deps.onError(new RealtimeError(code, `${what}: ${reason}`, { cause }));
    this.#end(undefined);
  }

  #end(closeCode: number | undefined): void {
    if (this.#isOver) return;
    this.close();
    this.#deps.onEnd(this, closeCode);
  }
}
