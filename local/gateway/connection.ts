import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import {
  BINARY_REFUSED,
  clientClose,
  complaintClose,
  GOING_AWAY,
  TOO_LARGE,
  type CloseReason,
} from './close-reason.ts';
import { FrameWatch, smallTextFrame } from './websocket-frames.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ConnectionFacts } from './proxy-event.ts';
import type { MessageService } from './serve-message.ts';

/** The dependencies of a connection. */
export interface GatewayConnectionDeps {
  readonly context: GatewayContext;
  readonly messages: MessageService;
  /** Called exactly once, as soon as the connection has ended on either side. */
  readonly onEnd: (connection: GatewayConnection, close: CloseReason) => void;
}

/** The result of a PostToConnection request. */
export type PostToConnectionResult = 'sent' | 'gone' | 'buffer-full';

/**
 * The WebSocket of a connection, which it names, so that all share their listeners: closures for each would cost an
 * idle connection several hundred bytes.
 */
export class GatewaySocket extends WebSocket {
  connection: GatewayConnection | undefined;
}

/** An established WebSocket connection: its frames in both directions, its deadlines and its end. */
export class GatewayConnection {
  readonly facts: ConnectionFacts;
  readonly #ws: GatewaySocket;
  readonly #socket: Duplex;
  readonly #deps: GatewayConnectionDeps;
  readonly #frames: FrameWatch;
  #lastActiveAt: number;
  #messagesSeen = 0;
  /**
   * Messages that one read brought in while the client did not read its answers: at most what 64 KB hold, because the
   * socket is not read after that.
   */
  #waiting: string[] = [];
  #inFlight = 0;
  #ended = false;

  constructor(facts: ConnectionFacts, transport: { ws: GatewaySocket; socket: Duplex }, deps: GatewayConnectionDeps) {
    this.facts = facts;
    this.#ws = transport.ws;
    this.#socket = transport.socket;
    this.#deps = deps;
    this.#lastActiveAt = deps.context.now();
    this.#frames = new FrameWatch(deps.context.limits.frameBytes);
    this.#listen(transport.socket);
  }

  get lastActiveAt(): number {
    return this.#lastActiveAt;
  }

  /** Writes a text to the client's socket. The result does not say whether the client receives it. */
  post(data: Buffer): PostToConnectionResult {
    const { slowConsumerBytes } = this.#deps.context.limits;
    if (this.#ended || this.#ws.readyState !== this.#ws.OPEN) return 'gone';
    if (this.#ws.bufferedAmount > slowConsumerBytes) return 'buffer-full';
    this.#send(data);
    return 'sent';
  }

  /** Ends the connection if it was idle for too long or is too old. */
  endIfDue(): void {
    if (this.#leftMs() <= 0) this.end(GOING_AWAY);
  }

  /** Closes the connection from this side. Messages that were read but not yet served are dropped. */
  end(close: CloseReason): void {
    if (this.#ended) return;
    this.#waiting = [];
    this.#ws.close(close.code, close.reason);
    // A paused socket would never see the client's own close frame.
    this.#ws.resume();
    this.closed(close);
  }

  #listen(socket: Duplex): void {
    // Before `ws` sees the bytes, so that the size of a message's frames is known when `ws` emits it.
    socket.prependListener('data', (chunk: Buffer) => {
      // After `ws` has processed this chunk: the messages before the large frame are still valid.
      if (this.#frames.see(chunk)) process.nextTick(() => this.end(TOO_LARGE));
    });
    this.#ws.connection = this;
    this.#ws.on('message', onMessage);
    this.#ws.on('error', onError);
    this.#ws.on('close', onClose);
  }

  /** Serves a message that `ws` has read. */
  receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    this.#messagesSeen += 1;
    if (this.#messagesSeen > (this.#frames.messagesBefore ?? Number.POSITIVE_INFINITY)) return;
    if (isBinary || !Buffer.isBuffer(data)) {
      this.end(BINARY_REFUSED);
      return;
    }
    this.#lastActiveAt = this.#deps.context.now();
    this.#waiting.push(data.toString());
    this.#serveWaiting();
  }

  /**
   * Serves waiting messages up to the bound, and refuses further ones. Messages of one connection run concurrently: API
   * Gateway promises no order.
   */
  #serveWaiting(): void {
    const { messagesInFlight, slowConsumerBytes } = this.#deps.context.limits;
    for (const body of this.#waiting.splice(0, messagesInFlight - this.#inFlight)) void this.#serve(body);
    // A client that does not read its answers is not read either. One of the messages in flight ends the pause.
    const isSlow = (): boolean => this.#ws.bufferedAmount > slowConsumerBytes;
    while (this.#waiting.length > 0 && !isSlow()) this.#refuse();
    // A closing connection must still be read, or the client's end would not be noticed.
    const mustPause = this.#waiting.length > 0 && this.#ws.readyState === this.#ws.OPEN;
    if (mustPause === this.#ws.isPaused) return;
    if (mustPause) this.#ws.pause();
    else this.#ws.resume();
  }

  /** Answers the newest waiting message that it is one too many. */
  #refuse(): void {
    this.#waiting.pop();
    if (!this.#ended) this.#send(Buffer.from(this.#deps.messages.refuse(this.facts)));
  }

  async #serve(body: string): Promise<void> {
    this.#inFlight += 1;
    try {
      const reply = await this.#deps.messages.serve(this.facts, body);
      if (reply !== undefined && !this.#ended) await this.#sendAll(reply);
    } catch (error) {
      // A fault of the gateway itself, not of a function: only this client gets no answer.
      this.#deps.context.terminal.warn(`message of ${this.facts.connectionId} not served: ${String(error)}`);
    } finally {
      this.#inFlight -= 1;
      this.#serveWaiting();
    }
  }

  /**
   * Resolves when the text has left this process, so that a client that does not read its answers is soon not read
   * either. Resolves after a failure too: the socket is then broken, and 'close' reports the end.
   */
  #sendAll(text: string): Promise<void> {
    return new Promise((resolve) => this.#send(Buffer.from(text), () => resolve()));
  }

  #send(data: Buffer, sent?: () => void): void {
    const { frameBytes } = this.#deps.context.limits;
    this.#lastActiveAt = this.#deps.context.now();
    const frame = data.length > frameBytes ? undefined : smallTextFrame(data);
    // `ws` also writes its frames synchronously (nothing is compressed), so the order is kept.
    if (frame !== undefined && this.#ws.readyState === this.#ws.OPEN) return void this.#socket.write(frame, sent);
    let from = 0;
    for (; data.length - from > frameBytes; from += frameBytes) {
      this.#ws.send(data.subarray(from, from + frameBytes), { binary: false, fin: false });
    }
    this.#ws.send(from === 0 ? data : data.subarray(from), { binary: false, fin: true }, sent);
  }

  #leftMs(): number {
    const { limits, now } = this.#deps.context;
    return Math.min(this.#lastActiveAt + limits.idleMs, this.facts.connectedAt + limits.durationMs) - now();
  }

  /** Ends the connection whose WebSocket has closed. */
  closed(close: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deps.onEnd(this, close);
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  connectionOf(this)?.receive(data, isBinary);
}

function onError(this: WebSocket, error: Error): void {
  // `ws` has begun to close. After a network error it emits 'close'.
  const close = complaintClose(error);
  if (close !== undefined) connectionOf(this)?.end(close);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  connectionOf(this)?.closed(clientClose(code, reason.toString()));
}

const connectionOf = (ws: WebSocket): GatewayConnection | undefined =>
  ws instanceof GatewaySocket ? ws.connection : undefined;
