import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import type { Client, OpenClient, LoadTarget } from './client.ts';
import { createLatencies, type Received } from './latencies.ts';
import { nowUs, stamped } from './stamped.ts';

const MS_PER_SECOND = 1_000;

/** The modules of the kinds of clients, loaded on demand, so that a process does not load the kinds it does not use. */
const OPENERS: Readonly<Record<LoadTarget['kind'], () => Promise<OpenClient>>> = {
  wire: async () => (await import('./open-web-socket.ts')).openWire,
  flooder: async () => (await import('./open-web-socket.ts')).openFlooder,
  plain: async () => (await import('./open-web-socket.ts')).openPlain,
  library: async () => (await import('./open-library.ts')).openLibrary,
  counter: async () => (await import('./open-web-socket.ts')).openCounter,
  socketio: async () => (await import('./open-socket-io.ts')).openSocketIo,
  'long-poll': async () => (await import('./open-stream.ts')).openLongPoll,
  events: async () => (await import('./open-stream.ts')).openEvents,
  mqtt: async () => (await import('./open-mqtt.ts')).openMqtt,
};

const clients: Client[] = [];
/** The number of messages sent by this process's publisher, and received by all its clients. */
const total = { sent: 0, received: 0 };
const latencies = createLatencies();
/** The messages of each client: those newer than all before, and others (repeats and late ones). */
const received: { inOrder: number; others: number; newestUs: number }[] = [];
/** Called after each message. */
let onMessage: () => void = () => undefined;

const commands = {
  /** Connects and subscribes `count` more clients. */
  connect: async ({ target, count }: { target: LoadTarget; count: number }): Promise<void> => {
    const open = await OPENERS[target.kind]();
    const opened = await runBounded(Array.from({ length: count }), BENCH_BOUNDS.CONNECTING, () =>
      open(target, startReceiving()),
    );
    clients.push(...opened);
  },
  ids: async (): Promise<string[]> => Promise.all(clients.map(async ({ id }) => (await id?.()) ?? '')),
  /**
   * Waits for messages in flight, and returns how many clients have all messages in order, and how many messages were
   * repeats.
   */
  complete: async ({ messages, patienceMs }: { messages: number; patienceMs: number }): Promise<Completeness> => {
    const isComplete = ({ inOrder }: { readonly inOrder: number }): boolean => inOrder === messages;
    await untilMessage(() => received.every(isComplete), AbortSignal.timeout(patienceMs));
    return {
      complete: received.filter(isComplete).length,
      repeats: received.reduce((total, { others }) => total + others, 0),
    };
  },
  values: async (): Promise<number[]> => clients.map(({ value }) => value?.() ?? Number.NaN),
  reset: async (): Promise<void> => latencies.reset(),
  report: async (): Promise<Received> => latencies.report(),
  /** Waits until `messages` have arrived since the reset. With `patienceMs`, later messages count as missing. */
  receive: async ({ messages, patienceMs }: { messages: number; patienceMs?: number }): Promise<Received> => {
    const limit = AbortSignal.timeout(patienceMs ?? BENCH_BOUNDS.DELIVERY_MS);
    await untilMessage(() => latencies.count() >= messages, limit);
    if (latencies.count() < messages && patienceMs === undefined)
      throw new Error(`${latencies.count()} of ${messages} messages arrived`);
    return latencies.report();
  },
  total: async (): Promise<number> => total.received,
  /** Waits until `messages` have arrived in total, at most for `patienceMs`. */
  settle: async ({ messages, patienceMs }: { messages: number; patienceMs: number }): Promise<void> =>
    untilMessage(() => total.received >= messages, AbortSignal.timeout(patienceMs)),
  publish: async (): Promise<void> => publishOne(),
  /** Waits until the publisher, alone in its process, has received all its messages. */
  drain: async (): Promise<void> => {
    await untilMessage(() => total.received >= total.sent, AbortSignal.timeout(BENCH_BOUNDS.DELIVERY_MS));
    if (total.received < total.sent) throw new Error(`${total.received} of ${total.sent} messages came back`);
  },
  /** Publishes at a steady rate, without waiting for deliveries. */
  pace: async ({ perSecond, messages }: { perSecond: number; messages: number }): Promise<void> => {
    const beganMs = monotonicMs();
    for (let sent = 0; sent < messages; sent++) {
      const waitMs = beganMs + (sent * MS_PER_SECOND) / perSecond - monotonicMs();
      if (waitMs > 0) await sleep(waitMs);
      publishOne();
    }
  },
  /** Publishes as fast as its own messages come back, with `window` in flight. Resolves to the number sent. */
  saturate: async ({ window, durationMs }: { window: number; durationMs: number }): Promise<number> => {
    const before = total.sent;
    await untilMessage(() => {
      while (total.sent - total.received < window) publishOne();
      return false;
    }, AbortSignal.timeout(durationMs));
    return total.sent - before;
  },
  /** Publishes `messages` as fast as its own messages come back, with `window` in flight. */
  publishMany: async ({ window, messages }: { window: number; messages: number }): Promise<void> => {
    const before = total.sent;
    await untilMessage(() => {
      while (total.sent - before < messages && total.sent - total.received < window) publishOne();
      return total.sent - before >= messages;
    }, AbortSignal.timeout(BENCH_BOUNDS.DELIVERY_MS));
  },
};

/** The commands of this worker. */
export type ClientCommands = typeof commands;

interface Completeness {
  readonly complete: number;
  readonly repeats: number;
}

serve(commands);

function startReceiving(): (stampUs: number) => void {
  const own = { inOrder: 0, others: 0, newestUs: 0 };
  received.push(own);
  return (stampUs) => {
    if (stampUs > own.newestUs) own.inOrder++;
    else own.others++;
    own.newestUs = Math.max(own.newestUs, stampUs);
    total.received++;
    latencies.add(stampUs);
    onMessage();
  };
}

function publishOne(): void {
  const [publisher] = clients;
  if (publisher === undefined) throw new Error('No client is connected that could publish.');
  total.sent++;
  publisher.publish(stamped(nowUs()));
}

/** Checks `isDone` immediately and after each message, until it returns true or the limit is reached. */
function untilMessage(isDone: () => boolean, limit: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isDone()) end();
    };
    // The limit of an earlier wait must not end the current one.
    const end = (): void => {
      if (onMessage === look) onMessage = () => undefined;
      limit.removeEventListener('abort', end);
      resolve();
    };
    onMessage = look;
    limit.addEventListener('abort', end);
    look();
  });
}
