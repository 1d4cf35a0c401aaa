import * as BOUNDS from './bounds.ts';
import { RealtimeClient } from './realtime-client.ts';
import type { AnyTopics, Realtime } from './realtime.ts';
import { monotonicClock } from './monotonic-clock.ts';
import type { ConnectOptions } from './types.ts';
import { browserWakeSource } from './wake-source.ts';

/**
 * Connects to a server, and reconnects whenever the connection is lost. `Topics` names the data type of each topic.
 *
 * @example
 * const rt = connect<{ news: { title: string }; 'counter:votes': number }>('wss://example.com/live');
 * rt.subscribe('news', { history: 10 }).on('message', ({ data }) => console.log(data.title));
 * await rt.publish('news', { title: 'Hello' });
 * await rt.counter('votes').increment();
 */
export function connect<Topics extends object = AnyTopics>(url: string, options?: ConnectOptions): Realtime<Topics>;
export function connect(url: string, options: ConnectOptions = {}): Realtime {
  const requestTimeoutMs = options.requestTimeoutMs ?? BOUNDS.REQUEST_TIMEOUT_MS;
  if (requestTimeoutMs > BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS) {
    throw new RangeError(`requestTimeoutMs is at most ${BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS}.`);
  }
  return new RealtimeClient({
    // An invalid URL throws here, not at a later attempt.
    url: new URL(url).href,
    topics: options.topics ?? [],
    token: options.token,
    tokenIn: options.tokenIn ?? 'query',
    queueLimit: options.queueLimit ?? BOUNDS.WAITING_REQUESTS,
    requestTimeoutMs,
    lifetimeMs: options.lifetimeMs ?? BOUNDS.LIFETIME_MS,
    idleMs: options.idleMs ?? BOUNDS.IDLE_MS,
    socketClass: options.socketClass ?? WebSocket,
    clock: options.clock ?? monotonicClock,
    random: options.random ?? Math.random,
    wakeSource: options.wakeSource ?? browserWakeSource,
  });
}
