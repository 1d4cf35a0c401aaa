import * as BOUNDS from './bounds.ts';
import { decodeFrame } from './decode-frame.ts';
import { Liveness } from './liveness.ts';
import type { Clock, Socket, SocketClass } from './types.ts';

export type ReceivedFrame = NonNullable<ReturnType<typeof decodeFrame>>;

/** Where a socket connects to. */
export interface Target {
  readonly href: string;
  /** What it subscribes to by its URL. */
  readonly topics: readonly string[];
  readonly protocols: readonly string[];
}

export interface LinkDeps {
  readonly clock: Clock;
  readonly socketClass: SocketClass;
  readonly idleMs: number;
  /** Asked anew for each socket: what has to be in it changes. */
  readonly target: () => Target | Promise<Target>;
  readonly pingFrame: () => object;
  readonly onOpen: (link: Link) => void;
  readonly onFrame: (frame: ReceivedFrame, link: Link) => void;
  /** Once, unless `close()` came before: refused, too slow, closed by the server (with what code), lost or dead. */
  readonly onEnd: (link: Link, closeCode: number | undefined) => void;
  readonly onTokenError: (error: unknown) => void;
}

/** Frames that say nothing of what is followed. */
const ANSWERS: ReadonlySet<ReceivedFrame['type']> = new Set(['ack', 'error', 'pong', 'gateway']);

/** One socket, from its opening to its end. */
export class Link {
  readonly #deps: LinkDeps;
  readonly #liveness: Liveness;
  readonly #cancelTimeout: () => void;
  #socket: Socket | undefined;
  #topics: readonly string[] = [];
  #openedAtMs: number | undefined;
  #isOver = false;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    const { clock, idleMs, pingFrame } = deps;
    this.#liveness = new Liveness({
      clock,
      idleMs,
      ping: () => this.send(JSON.stringify(pingFrame())),
      dead: () => this.#end(undefined),
    });
    this.#cancelTimeout = clock.after(BOUNDS.OPEN_TIMEOUT_MS, () => this.#end(undefined));
    this.#open();
  }

  /** When it opened; undefined before. */
  get openedAtMs(): number | undefined {
    return this.#openedAtMs;
  }

  /** What it subscribed to by its URL. */
  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Sends a frame that will be answered; false when it cannot. */
  send(text: string): boolean {
    if (this.#socket === undefined || this.#openedAtMs === undefined || this.#isOver) return false;
    this.#socket.send(text);
    this.#liveness.sent();
    return true;
  }

  /** Asks at once whether anybody is there: a device may have slept, and its timers with it. */
  probe(): void {
    if (this.#openedAtMs !== undefined && !this.#isOver) this.#liveness.probe();
  }

  /** Ends it without a word to the owner. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimeout();
    this.#liveness.stop();
    // Its own `close` event may be long in coming, or may never come; nothing waits for it.
    this.#socket?.close();
  }

  #open(): void {
    const target = this.#deps.target();
    if (!(target instanceof Promise)) return this.#connect(target);
    target.then(
      (known) => this.#connect(known),
      (error: unknown) => {
        if (this.#isOver) return;
        this.#deps.onTokenError(error);
        this.#end(undefined);
      },
    );
  }

  #connect({ href, topics, protocols }: Target): void {
    if (this.#isOver) return;
    const { socketClass: SocketClass } = this.#deps;
    this.#topics = topics;
    const socket = protocols.length === 0 ? new SocketClass(href) : new SocketClass(href, [...protocols]);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', ({ data }) => this.#received(data));
    socket.addEventListener('close', ({ code }) => this.#end(code));
    // A `close` always follows; unheard, some socket classes would throw this error.
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
    const frame = decodeFrame(data);
    if (frame === undefined) return;
    if (!ANSWERS.has(frame.type)) this.#liveness.followed();
    this.#deps.onFrame(frame, this);
  }

  #end(closeCode: number | undefined): void {
    if (this.#isOver) return;
    this.close();
    this.#deps.onEnd(this, closeCode);
  }
}
