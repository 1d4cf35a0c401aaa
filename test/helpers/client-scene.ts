import { BOUNDS } from '../../client/src/bounds.ts';
import { connect, type Gap, type Realtime, type SubscribeOptions } from '../../client/src/index.ts';
import { FakeBackend } from './fake-backend.ts';
import { ManualClock } from './manual-clock.ts';
import { until } from './until.ts';

/** Clients with real sockets against a small server; only time stands still until a test moves it. */
export class ClientScene {
  readonly clock = new ManualClock();
  readonly #clients: Realtime[] = [];
  backend = new FakeBackend();
  url = '';
  #port = 0;

  async start(): Promise<this> {
    const { url, port } = await this.backend.start({ port: this.#port });
    this.url = url;
    this.#port = port;
    return this;
  }

  /** Another server, which knows nothing, takes the place of the first. */
  async replaceBackend(): Promise<void> {
    await this.backend.stop();
    this.backend = new FakeBackend();
    await this.start();
  }

  async stop(): Promise<void> {
    for (const rt of this.#clients) rt.close();
    await this.backend.stop();
  }

  open(topics: readonly string[] = []): Realtime {
    const rt = connect(this.url, { topics, clock: this.clock, random: () => 0.5 });
    this.#clients.push(rt);
    return rt;
  }

  /** The connection that was cut is noticed, and the next one is there. */
  async reconnect(rt: Realtime): Promise<void> {
    if (rt.status === 'online') await offline(rt);
    this.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    await online(rt);
  }

  framesOf(action: string) {
    return this.backend.received.filter((frame) => frame.action === action);
  }
}

export async function online(rt: Realtime): Promise<Realtime> {
  if (rt.status !== 'online') await statusOf(rt, 'online');
  return rt;
}

export const offline = (rt: Realtime): Promise<unknown> => statusOf(rt, 'offline');

/** Subscribes, and writes down what comes. */
export async function follow(rt: Realtime, topic: string, options: SubscribeOptions = {}) {
  const subscription = rt.subscribe(topic, options);
  const seqs: number[] = [];
  const gaps: Gap[] = [];
  subscription.on('message', ({ seq }) => seqs.push(seq));
  subscription.on('gap', (gap) => gaps.push(gap));
  await until((listener) => subscription.on('subscribed', listener));
  return { subscription, seqs, gaps };
}

const statusOf = (rt: Realtime, expected: string): Promise<unknown> =>
  until(
    (listener) => rt.on('status', listener),
    (status) => status === expected,
  );
