import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import type { Client, OpenClient, Target } from './client.ts';
import { createLatencies, type Received } from './latencies.ts';
import { nowUs, stamped } from './stamped.ts';

const MS_PER_SECOND = 1_000;

/** Loaded when asked for: a process with one kind of clients is not to pay for the others. */
const OPENERS: Readonly<Record<Target['kind'], () => Promise<OpenClient>>> = {
  wire: async () => (await import('./open-wire.ts')).openWire,
  plain: async () => (await import('./open-plain.ts')).openPlain,
  library: async () => (await import('./open-library.ts')).openLibrary,
  socketio: async () => (await import('./open-socket-io.ts')).openSocketIo,
  mqtt: async () => (await import('./open-mqtt.ts')).openMqtt,
};

const clients: Client[] = [];
const latencies = createLatencies();
/** What waits for the next message. */
let onMessage: () => void = () => undefined;

const commands = {
  /** Connects and subscribes so many more clients. */
  connect: async ({ target, count }: { target: Target; count: number }): Promise<void> => {
    const open = await OPENERS[target.kind]();
    const onStamp = (stampUs: number): void => {
      latencies.add(stampUs);
      onMessage();
    };
    const opened = await runBounded(Array.from({ length: count }), BENCH_BOUNDS.CONNECTING, () => open(target, onStamp));
    clients.push(...opened);
  },
  ids: async (): Promise<string[]> => Promise.all(clients.map(async ({ id }) => (await id?.()) ?? '')),
  reset: async (): Promise<void> => latencies.reset(),
  report: async (): Promise<Received> => latencies.report(),
  /** Waits until so many messages have come since the reset. */
  receive: async ({ messages }: { messages: number }): Promise<Received> => {
    const limit = AbortSignal.timeout(BENCH_BOUNDS.DELIVERY_MS);
    await untilMessage(() => latencies.count() >= messages, limit);
    if (latencies.count() < messages) throw new Error(`${latencies.count()} of ${messages} messages came`);
    return latencies.report();
  },
  publish: async (): Promise<void> => publisher().publish(stamped(nowUs())),
  /** Publishes at a steady rate, whatever is received. */
  pace: async ({ perSecond, messages }: { perSecond: number; messages: number }): Promise<void> => {
    const beganMs = monotonicMs();
    for (let sent = 0; sent < messages; sent++) {
      const waitMs = beganMs + (sent * MS_PER_SECOND) / perSecond - monotonicMs();
      if (waitMs > 0) await sleep(waitMs);
      publisher().publish(stamped(nowUs()));
    }
  },
  /** Publishes as fast as it gets its own messages back, so many of them under way. Resolves to how many it sent. */
  saturate: async ({ window, durationMs }: { window: number; durationMs: number }): Promise<number> => {
    const before = latencies.count();
    const limit = AbortSignal.timeout(durationMs);
    let sent = 0;
    await untilMessage(() => {
      while (sent - (latencies.count() - before) < window) {
        publisher().publish(stamped(nowUs()));
        sent++;
      }
      return false;
    }, limit);
    return sent;
  },
};

export type ClientCommands = typeof commands;

serve(commands);

function publisher(): Client {
  const [first] = clients;
  if (first === undefined) throw new Error('Nobody is connected who could publish.');
  return first;
}

/** Looks at once and after each message, until `isDone` or the limit. */
function untilMessage(isDone: () => boolean, limit: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      onMessage = () => undefined;
      resolve();
    };
    onMessage = () => {
      if (isDone()) end();
    };
    limit.addEventListener('abort', end);
    onMessage();
  });
}
