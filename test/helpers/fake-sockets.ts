import { type ConnectOptions, connect, type Realtime, type Socket, type SocketClass } from '../../client/src/index.ts';
import { TestClock } from './test-clock.ts';

type Frame = Readonly<Record<string, unknown>>;
type Listener = (event: { readonly data: unknown; readonly code?: number }) => void;

/** A socket on which nothing happens until the test says so. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: Frame[] = [];
  readonly #listeners = new Map<string, Listener[]>();
  isClosed = false;

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  open(): this {
    return this.#fire('open');
  }

  /** Fires `error` alone, as Node 22 does after a refused handshake. */
  fail(): this {
    return this.#fire('error');
  }

  cut(): this {
    return this.#fire('close');
  }

  receive(...frames: readonly Frame[]): this {
    for (const frame of frames) this.#fire('message', JSON.stringify(frame));
    return this;
  }

  /** The frames of an action, in the order in which they were sent. */
  framesOf(...actions: readonly string[]): readonly Frame[] {
    return this.sent.filter(({ action }) => actions.includes(String(action)));
  }

  /** Acknowledges a frame; the last one by default. */
  async ack(frame: Frame | undefined = this.sent.at(-1), fields: Frame = {}): Promise<void> {
    this.receive({ type: 'ack', id: frame?.['id'], action: frame?.['action'], topic: frame?.['topic'], ...fields });
    await settled();
  }

  async refuse(code: string, frame: Frame | undefined = this.sent.at(-1), fields: Frame = {}): Promise<void> {
    this.receive({ type: 'error', id: frame?.['id'], code, message: 'Refused.', ...fields });
    await settled();
  }

  #fire(type: string, data?: unknown): this {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
    return this;
  }
}

/** Lets the promises that are settled by now have their effects. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client, its sockets and its time, all moved by the test. */
export class FakeSockets {
  readonly clock = new TestClock();
  readonly all: FakeSocket[] = [];
  readonly socketClass: SocketClass;

  constructor() {
    const all = this.all;
    this.socketClass = class extends FakeSocket {
      constructor(url: string, protocols: readonly string[] = []) {
        super(url, protocols);
        all.push(this);
      }
    };
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.all.at(-1);
    if (socket === undefined) throw new Error('No socket was opened.');
    return socket;
  }

  connect(options: ConnectOptions = {}): Realtime {
    const { clock, socketClass } = this;
    return connect('ws://fake', {
      clock,
      socketClass,
      random: () => 0.5,
      wakeSource: () => () => undefined,
      ...options,
    });
  }

  /** Connects, and opens the socket. */
  online(options: ConnectOptions = {}): { readonly rt: Realtime; readonly socket: FakeSocket } {
    const rt = this.connect(options);
    return { rt, socket: this.socket.open() };
  }
}

export const subscribedFrame = (topic: string, seq = 0, messages: readonly Frame[] = []): Frame => ({
  type: 'subscribed',
  topic,
  epoch: seq === 0 ? null : 'e',
  seq,
  recovered: true,
  messages,
});

export const messageFrame = (topic: string, seq: number): Frame => ({
  type: 'message',
  topic,
  epoch: 'e',
  seq,
  data: seq,
  publishedAt: '2026-11-21T00:00:00.000Z',
});
