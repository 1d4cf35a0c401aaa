import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import {
  BINARY_REFUSED,
  clientClose,
  complaintClose,
  GOING_AWAY,
  TOO_LARGE,
  type CloseReason,
} from './close-reason.ts';
import { createFrameWatch, type FrameWatch } from './frame-watch.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ConnectionFacts } from './proxy-event.ts';
import type { ServeMessage } from './serve-message.ts';
import { smallTextFrame } from './text-frame.ts';

export interface ConnectionDeps {
  readonly context: GatewayContext;
  readonly serveMessage: ServeMessage;
  /** Called exactly once, as soon as the connection is over, whoever ended it. */
  readonly onEnd: (connection: Connection, close: CloseReason) => void;
}

export type PostOutcome = 'sent' | 'gone' | 'buffer-full';

/** One established connection: its frames in and out, its deadlines, its end. */
export class Connection {
  readonly facts: ConnectionFacts;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #deps: ConnectionDeps;
  readonly #frames: FrameWatch;
  #lastActiveAt: number;
  #messagesSeen = 0;
  /** Messages that one read brought in beyond the bound: at most what 64 KB hold, since then the socket is not read. */
  #waiting: string[] = [];
  #inFlight = 0;
  #ended = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(facts: ConnectionFacts, transport: { ws: WebSocket; socket: Duplex }, deps: ConnectionDeps) {
    this.facts = facts;
    this.#ws = transport.ws;
    this.#socket = transport.socket;
    this.#deps = deps;
    this.#lastActiveAt = deps.context.now();
    this.#frames = createFrameWatch(deps.context.limits.frameBytes);
    this.#listen(transport.socket);
    this.#armDeadline();
  }

  get lastActiveAt(): number {
    return this.#lastActiveAt;
  }

  /** Hands a text to the client's socket; says nothing of whether the client still lives. */
  post(data: Buffer): PostOutcome {
    const { slowConsumerBytes } = this.#deps.context.limits;
    if (this.#ended || this.#ws.readyState !== this.#ws.OPEN) return 'gone';
    if (this.#ws.bufferedAmount > slowConsumerBytes) return 'buffer-full';
    this.#send(data);
    return 'sent';
  }

  /** Ends the connection from this side; what has been read but not yet served is dropped. */
  end(close: CloseReason): void {
    if (this.#ended) return;
    this.#waiting = [];
    this.#ws.close(close.code, close.reason);
    // A paused socket would never see the client's own close frame.
    this.#ws.resume();
    this.#finish(close);
  }

  #listen(socket: Duplex): void {
    // Before `ws` itself sees the bytes, so that a message is known to be good or not when `ws` reports it.
    socket.prependListener('data', (chunk: Buffer) => {
      // After `ws` went through this same chunk: the messages before the large frame are still good.
      if (this.#frames.see(chunk)) process.nextTick(() => this.end(TOO_LARGE));
    });
    this.#ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#ws.on('error', (error) => {
      // `ws` has begun to close, or will tell of the end by 'close' when the network failed.
      const close = complaintClose(error);
      if (close !== undefined) this.end(close);
    });
    this.#ws.on('close', (code, reason) => this.#finish(clientClose(code, reason.toString())));
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    this.#messagesSeen += 1;
    if (this.#messagesSeen > (this.#frames.messagesBefore() ?? Number.POSITIVE_INFINITY)) return;
    if (isBinary || !Buffer.isBuffer(data)) {
      this.end(BINARY_REFUSED);
      return;
    }
    this.#lastActiveAt = this.#deps.context.now();
    this.#waiting.push(data.toString());
    this.#serveWaiting();
  }

  /** Messages of one connection run at the same time: API Gateway promises no order between them. */
  #serveWaiting(): void {
    const { messagesInFlight } = this.#deps.context.limits;
    for (const body of this.#waiting.splice(0, messagesInFlight - this.#inFlight)) void this.#serve(body);
    // A connection that closes must be read on, or it would not see its client go.
    const isFull = this.#inFlight >= messagesInFlight && this.#ws.readyState === this.#ws.OPEN;
    if (isFull === this.#ws.isPaused) return;
    if (isFull) this.#ws.pause();
    else this.#ws.resume();
  }

  async #serve(body: string): Promise<void> {
    this.#inFlight += 1;
    try {
      const reply = await this.#deps.serveMessage(this.facts, body);
      if (reply !== undefined && !this.#ended) await this.#sendAll(reply);
    } catch (error) {
      // A fault of the gateway itself, for it would be no answer of a function: this client alone gets none.
      this.#deps.context.terminal.warn(`message of ${this.facts.connectionId} not served: ${String(error)}`);
    } finally {
      this.#inFlight -= 1;
      this.#serveWaiting();
    }
  }

  /**
   * Resolves when the text has left this process, so that a client that reads no answers is soon not read either. A
   * failure resolves too: the socket is broken then, and its end is told by 'close'.
   */
  #sendAll(text: string): Promise<void> {
    return new Promise((resolve) => this.#send(Buffer.from(text), () => resolve()));
  }

  #send(data: Buffer, sent?: () => void): void {
    const { frameBytes } = this.#deps.context.limits;
    this.#lastActiveAt = this.#deps.context.now();
    const frame = data.length > frameBytes ? undefined : smallTextFrame(data);
    // `ws` writes its own frames at once too (nothing is compressed), so that the order stays.
    if (frame !== undefined && this.#ws.readyState === this.#ws.OPEN) return void this.#socket.write(frame, sent);
    let from = 0;
    for (; data.length - from > frameBytes; from += frameBytes) {
      this.#ws.send(data.subarray(from, from + frameBytes), { binary: false, fin: false });
    }
    this.#ws.send(from === 0 ? data : data.subarray(from), { binary: false, fin: true }, sent);
  }

  /** One timer for both deadlines; a message does not touch it, the timer looks again when it fires. */
  #armDeadline(): void {
    this.#deadline = setTimeout(
      () => {
        if (this.#leftMs() <= 0) this.end(GOING_AWAY);
        else this.#armDeadline();
      },
      Math.max(0, this.#leftMs()),
    );
  }

  #leftMs(): number {
    const { limits, now } = this.#deps.context;
    return Math.min(this.#lastActiveAt + limits.idleMs, this.facts.connectedAt + limits.durationMs) - now();
  }

  #finish(close: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#deps.onEnd(this, close);
  }
}
