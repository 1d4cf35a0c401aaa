import * as BOUNDS from '../../client/src/bounds.ts';
import {
  type ConnectOptions,
  connect,
  type Gap,
  type Realtime,
  type Recovered,
  type SocketClass,
  type SubscribeOptions,
} from '../../client/src/index.ts';
import { eventually } from './eventually.ts';
import { FakeBackend } from './fake-backend.ts';
import { TestClock } from './test-clock.ts';

/** A life so short that nothing else comes due before it is renewed. */
const SHORT_LIFE_MS = 8_000;

/** Age in ms at which a short-lived connection is renewed, with the randomness of the scene. */
export const RENEWAL_DUE_MS = (SHORT_LIFE_MS * (BOUNDS.RENEW_FROM_SHARE + BOUNDS.RENEW_TO_SHARE)) / 2;

/** Clients with real sockets against a small server; only time stands still until a test moves it. */
export class ClientScene {
  readonly clock = new TestClock();
  readonly #clients: Realtime[] = [];
  backend = new FakeBackend();
  url = '';
  /** The number of sockets that have opened for a client. */
  #opens = 0;
  #port = 0;

  async start(): Promise<this> {
    const { url, port } = await this.backend.start({ port: this.#port });
    this.url = url;
    this.#port = port;
    return this;
  }

  /** Replaces the server by one that knows nothing. */
  async replaceBackend(): Promise<void> {
    await this.backend.stop();
    this.backend = new FakeBackend();
    await this.start();
  }

  async stop(): Promise<void> {
    for (const rt of this.#clients) rt.close();
    await this.backend.stop();
  }

  open(topics: readonly string[] = [], options: ConnectOptions = {}): Realtime {
    const socketClass = this.#socketClass;
    const rt = connect(this.url, { topics, clock: this.clock, random: () => 0.5, socketClass, ...options });
    this.#clients.push(rt);
    return rt;
  }

  /** The connection that was cut is noticed, and the next one is there. */
  async reconnect(rt: Realtime): Promise<void> {
    if (rt.status === 'online') await offline(rt);
    this.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    await online(rt);
  }

  /** The next connection takes the place of the one there is, and that one is gone. */
  async renew(): Promise<void> {
    const opened = this.backend.opened.length;
    this.clock.advance(RENEWAL_DUE_MS);
    await eventually(() => this.backend.opened.length === opened + 1 && this.backend.connections === 1);
  }

  /** The next connection is open beside the one there is, and waits for the answers to what it asked. */
  async beginRenewal(): Promise<void> {
    const opens = this.#opens;
    this.clock.advance(RENEWAL_DUE_MS);
    await eventually(() => expect(this.#opens).toBe(opens + 1));
  }

  get #socketClass(): SocketClass {
    const noteOpen = (): void => void (this.#opens += 1);
    return class extends WebSocket {
      constructor(url: string, protocols: string[] = []) {
        super(url, protocols);
        // The first listener: that of the client is called right after it.
        this.addEventListener('open', noteOpen);
      }
    };
  }

  /** A client whose connections are short-lived. */
  openShortLived = (): Realtime => this.open([], { lifetimeMs: SHORT_LIFE_MS });

  framesOf(action: string) {
    return this.backend.received.filter((frame) => frame.action === action);
  }
}

export async function online(rt: Realtime): Promise<Realtime> {
  await eventually(() => expect(rt.status).toBe('online'));
  return rt;
}

export const offline = (rt: Realtime): Promise<void> => eventually(() => expect(rt.status).toBe('offline'));

/** Subscribes, and writes down what comes. */
export async function follow(rt: Realtime, topic: string, options: SubscribeOptions = {}) {
  const subscription = rt.subscribe(topic, options);
  const seqs: number[] = [];
  const gaps: Gap[] = [];
  const recoveries: Recovered[] = [];
  subscription.on('message', ({ seq }) => seqs.push(seq));
  subscription.on('gap', (gap) => gaps.push(gap));
  subscription.on('recovered', (recovered) => recoveries.push(recovered));
  await eventually(() => expect(subscription.state).toBe('live'));
  return { subscription, seqs, gaps, recoveries };
}
