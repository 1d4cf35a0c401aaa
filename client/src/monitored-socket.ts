import * as BOUNDS from './bounds.ts';
import { decodeServerFrame } from './decode-server-frame.ts';
import type { Handshake } from './handshake.ts';
import { Liveness } from './liveness.ts';
import type { Clock, Socket, SocketClass } from './types.ts';

export type ReceivedFrame = NonNullable<ReturnType<typeof decodeServerFrame>>;

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
  readonly onTokenError: (error: unknown) => void;
}

/** Types of frames that do not show that the subscriptions deliver. */
const ANSWERS: ReadonlySet<ReceivedFrame['type']> = new Set(['ack', 'error', 'pong', 'gateway']);

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
    this.#cancelTimeout = clock.after(BOUNDS.OPEN_TIMEOUT_MS, () => this.#end(undefined));
    this.#open();
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
    this.#socket.send(text);
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
      (error: unknown) => {
        if (this.#isOver) return;
        this.#deps.onTokenError(error);
        this.#end(undefined);
      },
    );
  }

  #connect({ href, topics, protocols }: Handshake): void {
    if (this.#isOver) return;
    const { socketClass: SocketClass } = this.#deps;
    this.#topics = topics;
    const socket = protocols.length === 0 ? new SocketClass(href) : new SocketClass(href, [...protocols]);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', ({ data }) => this.#received(data));
    socket.addEventListener('close', ({ code }) => this.#end(code));
    // A `close` event follows. Without a listener, some socket classes throw the error.
    socket.addEventListener('error', () => undefined);
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
    this.#liveness.received();
    const frame = decodeServerFrame(data);
    if (frame === undefined) return;
    if (!ANSWERS.has(frame.type)) this.#liveness.delivered();
    this.#deps.onFrame(frame, this);
  }

  #end(closeCode: number | undefined): void {
    if (this.#isOver) return;
    this.close();
    this.#deps.onEnd(this, closeCode);
  }
}
