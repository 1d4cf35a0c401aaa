import { Realtime } from './realtime.ts';
import { systemClock } from './system-clock.ts';
import type { ConnectOptions } from './types.ts';

/**
 * Connects to a server, and again whenever the connection is lost.
 *
 * @example
 * const rt = connect('wss://example.com/live');
 * rt.subscribe('news', { history: 10 }).on('message', ({ data }) => console.log(data));
 * await rt.publish('news', { title: 'Hello' });
 */
export function connect(url: string, options: ConnectOptions = {}): Realtime {
  return new Realtime({
    url,
    topics: options.topics ?? [],
    socketClass: options.socketClass ?? WebSocket,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  });
}
