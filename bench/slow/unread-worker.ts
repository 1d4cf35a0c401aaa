import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { percentile } from '../../shared/percentile.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';

/** Bytes of the missed messages of each topic: ten of 28 KB. */
const MESSAGES = 10;
const MESSAGE_BYTES = 28_000;
/** Time in ms between two rounds of requests of a connection that does not read. */
const ASKING_MS = 900;

const opened: WebSocket[] = [];

interface Pestering {
  readonly url: string;
  readonly topics: readonly string[];
  readonly sockets: number;
  readonly isReading: boolean;
}

const commands = {
  /** Publishes the messages that are asked for again. */
  fill: async ({ url, topics }: { url: string; topics: readonly string[] }): Promise<void> => {
    const socket = await open(url);
    const data = 'x'.repeat(MESSAGE_BYTES);
    for (const topic of topics) {
      for (let id = 0; id < MESSAGES; id++) await ask(socket, { action: 'publish', topic, data, id: `${topic} ${id}` });
    }
  },
  /** Connects sockets that ask for the topics again and again, each with its history. */
  pester: async ({ url, topics, sockets, isReading }: Pestering): Promise<void> => {
    for (let count = 0; count < sockets; count++) {
      const socket = await open(url);
      if (!isReading) socket.pause();
      opened.push(socket);
    }
    const askAll = (): void => {
      for (const socket of opened) {
        for (const topic of topics) socket.send(JSON.stringify({ action: 'subscribe', topic, history: MESSAGES }));
      }
    };
    askAll();
    setInterval(askAll, ASKING_MS);
  },
  /** Subscribes to a fresh topic after another, from one connection. Resolves to the times until `subscribed`. */
  stroll: async ({ url, times, pauseMs }: { url: string; times: number; pauseMs: number }): Promise<Times> => {
    const socket = await open(url);
    const took: number[] = [];
    for (let time = 0; time < times; time++) {
      const topic = `stroll-${time}`;
      const beganMs = monotonicMs();
      const answered = until(socket, (text) => text.includes('"type":"subscribed"') && text.includes(`"${topic}"`));
      socket.send(JSON.stringify({ action: 'subscribe', topic }));
      await answered;
      took.push(monotonicMs() - beganMs);
      socket.send(JSON.stringify({ action: 'unsubscribe', topic }));
      await sleep(pauseMs);
    }
    const sorted = took.toSorted((a, b) => a - b);
    const partOf = (share: number): number => percentile(sorted, share) ?? Number.NaN;
    return { p50Ms: partOf(0.5), p99Ms: partOf(0.99), maximumMs: partOf(1) };
  },
};

/** The times until `subscribed`, in ms. */
export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
}

/** The commands of this worker. */
export type UnreadCommands = typeof commands;

serve(commands);

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

/** Sends a frame and waits for its acknowledgement. */
async function ask(
  socket: WebSocket,
  frame: { readonly id: string } & Readonly<Record<string, unknown>>,
): Promise<void> {
  const answered = until(socket, (text) => text.includes(`"id":"${frame.id}"`));
  socket.send(JSON.stringify(frame));
  await answered;
}

/** Resolves with the first text for which the condition holds. */
function until(socket: WebSocket, isIt: (text: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: Buffer): void => {
      if (!isIt(data.toString())) return;
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
}
