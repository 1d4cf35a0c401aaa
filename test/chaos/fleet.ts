import { WebSocket } from 'ws';
import { connect, type Realtime, type SocketClass } from '../../client/src/index.ts';
import type { ClientPlan } from './plan.ts';
import { messageIn } from './payload.ts';
import type { SeededRandom } from './seeded-random.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A message that one client received in one topic. */
export interface Received {
  readonly epoch: string;
  readonly seq: number;
  /** The number of the message; undefined when its data was never published. */
  readonly message: number | undefined;
  /** Time in epoch milliseconds at which it came. */
  readonly atMs: number;
}

/** A client by the library, behind a dedicated proxy. */
export interface FleetClient {
  readonly index: number;
  readonly plan: ClientPlan;
  readonly rt: Realtime;
  readonly proxy: TcpProxy;
  readonly received: ReadonlyMap<string, readonly Received[]>;
  /** The gaps that the library reported. */
  readonly gaps: readonly string[];
  /** Returns the value that the client shows of a counter. */
  readonly shownValue: (counter: string) => number | undefined;
  /** Whether everything that it follows is followed. */
  readonly isLive: () => boolean;
  /** Whether the server has refused something that it follows. */
  readonly hasFailed: () => boolean;
  readonly sockets: SocketTap;
  readonly close: () => Promise<void>;
}

/** The sockets of one client. */
interface SocketTap {
  readonly socketClass: SocketClass;
  /** The open sockets, the newest last. */
  readonly open: ReadonlySet<WebSocket>;
  /** The number of sockets opened so far, and of those that the server ended, by close code. */
  readonly counts: { opened: number; readonly closed: Map<number, number> };
}

export interface FleetOptions {
  readonly seed: string;
  /** The stage. */
  readonly url: string;
  readonly idleMs: number;
  readonly plans: readonly ClientPlan[];
  /** Resolves to a new token for a client. Absent without authentication. */
  readonly token?: (client: number, plan: ClientPlan) => Promise<string>;
}

/** A publish or an increment is given up after this: past any fault, and within the ten minutes of its key. */
const REQUEST_TIMEOUT_MS = 5 * 60_000;

/** Opens all clients, and has them follow what their plans say. */
export function openFleet(options: FleetOptions, random: SeededRandom): Promise<FleetClient[]> {
  return Promise.all(options.plans.map((plan, index) => openClient(options, { plan, index, random })));
}

interface NewClient {
  readonly plan: ClientPlan;
  readonly index: number;
  readonly random: SeededRandom;
}

async function openClient(options: FleetOptions, { plan, index, random }: NewClient): Promise<FleetClient> {
  const { token } = options;
  const target = new URL(options.url);
  const proxy = await startTcpProxy(Number(target.port));
  target.port = String(proxy.port);
  const sockets = tapSockets();
  const rt = connect(target.href, {
    socketClass: sockets.socketClass,
    transport: plan.isByHttp ? 'http' : 'websocket',
    random: random.fork(`client-${index}`).next,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    idleMs: options.idleMs,
    ...(plan.lifetimeMs === undefined ? {} : { lifetimeMs: plan.lifetimeMs }),
    ...(token === undefined ? {} : { token: () => token(index, plan) }),
  });
  return { index, plan, rt, proxy, sockets, ...follow(rt, plan, options.seed), close: () => closeClient(rt, proxy) };
}

async function closeClient(rt: Realtime, proxy: TcpProxy): Promise<void> {
  rt.close();
  await proxy.close();
}

function follow(rt: Realtime, plan: ClientPlan, seed: string) {
  const received = new Map<string, Received[]>();
  const gaps: string[] = [];
  const subscriptions = plan.topics.map((topic) => {
    const came: Received[] = [];
    received.set(topic, came);
    const subscription = rt.subscribe(topic, plan.batch ? { batch: true } : {});
    subscription.on('message', ({ epoch, seq, data }) =>
      came.push({ epoch, seq, message: messageIn(seed, data), atMs: Date.now() }),
    );
    subscription.on('gap', ({ last, now }) => gaps.push(`${topic} after ${last.seq} up to ${now.seq}`));
    return subscription;
  });
  const counters = plan.counters.map((name) => rt.counter(name));
  const isLive = (): boolean => [...subscriptions, ...counters].every(({ state }) => state === 'live');
  const hasFailed = (): boolean => [...subscriptions, ...counters].some(({ state }) => state === 'failed');
  return { received, gaps, isLive, hasFailed, shownValue: (name: string) => rt.counter(name).value };
}

function tapSockets(): SocketTap {
  const open = new Set<WebSocket>();
  const counts = { opened: 0, closed: new Map<number, number>() };
  class Tapped extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { perMessageDeflate: false });
      this.on('open', () => {
        counts.opened += 1;
        open.add(this);
      });
      this.on('close', (code) => {
        counts.closed.set(code, (counts.closed.get(code) ?? 0) + 1);
        open.delete(this);
      });
    }
  }
  return { socketClass: Tapped, open, counts };
}
