import type { AnyTopics } from '../../shared/topics/topic-types.ts';
import * as BOUNDS from './bounds.ts';
import { checkNumber, type NumberRange } from './check-number.ts';
import { monotonicClock } from './monotonic-clock.ts';
import { RealtimeClient } from './realtime-client.ts';
import type { Realtime } from './realtime.ts';
import { sleepAwareClock } from './sleep-aware-clock.ts';
import type { ConnectOptions, Transport } from './types.ts';
import { browserWakeSource } from './wake-source.ts';

const TRANSPORTS: readonly Transport[] = ['auto', 'websocket', 'http'];

const LIFETIME: NumberRange = [BOUNDS.LIFETIME_MINIMUM_MS, BOUNDS.LIFETIME_MAXIMUM_MS];

/**
 * Connects to a server, and reconnects whenever the connection is lost. `Topics` names the data type of each topic, or
 * is the type of what `defineTopics` returned.
 * Throws for an invalid URL or option.
 *
 * @example
 * const rt = connect<{ news: { title: string }; 'counter:votes': number }>('wss://example.com/live');
 * rt.subscribe('news', { history: 10 }).on('message', ({ data }) => console.log(data.title));
 * await rt.publish('news', { title: 'Hello' });
 * await rt.counter('votes').increment();
 */
export function connect<Topics extends object = AnyTopics>(url: string, options?: ConnectOptions): Realtime<Topics>;
export function connect(url: string, options: ConnectOptions = {}): Realtime {
  const { queueLimit = BOUNDS.WAITING_REQUESTS, requestTimeoutMs = BOUNDS.REQUEST_TIMEOUT_MS } = options;
  const { lifetimeMs = BOUNDS.LIFETIME_MS, idleMs = BOUNDS.IDLE_MS, clock = monotonicClock } = options;
  // The wall clock of a clock that a test moves is that clock itself.
  const { wallClock = options.clock === undefined ? Date.now : () => clock.now() } = options;
  const { transport = options.socketClass === undefined ? 'auto' : 'websocket', httpUrl } = options;
  if (!TRANSPORTS.includes(transport)) throw new TypeError(`transport is one of ${TRANSPORTS.join(', ')}.`);
  return new RealtimeClient({
    // An invalid URL throws here, not at a later attempt.
    url: new URL(url).href,
    topics: options.topics ?? [],
    token: options.token,
    tokenIn: options.tokenIn ?? 'subprotocol',
    queueLimit: checkNumber('queueLimit', queueLimit, [0, BOUNDS.WAITING_REQUESTS_MAXIMUM]),
    requestTimeoutMs: checkNumber('requestTimeoutMs', requestTimeoutMs, [1, BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS]),
    lifetimeMs: checkNumber('lifetimeMs', lifetimeMs, LIFETIME),
    idleMs: checkNumber('idleMs', idleMs, LIFETIME),
    transport,
    socketClass: options.socketClass ?? WebSocket,
    // In a chunk of its own, which a client that has its socket never loads.
    loadHttp: () =>
      import('./http/http-socket.ts').then(
        ({ httpSocketClass }) => httpSocketClass({ clock, httpUrl: httpUrl && new URL(httpUrl).href }),
        () => undefined,
      ),
    httpLifetimeMs: transport === 'http' ? lifetimeMs : BOUNDS.HTTP_MS,
    clock: sleepAwareClock(clock, wallClock),
    wallClock,
    random: options.random ?? Math.random,
    wakeSource: options.wakeSource ?? browserWakeSource,
    debug: options.debug,
  });
}
