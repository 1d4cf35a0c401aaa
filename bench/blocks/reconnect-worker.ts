import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect } from '../../client/src/index.ts';
import { type CutProxy, startCutProxy } from '../load/cut-proxy.ts';
import { serve } from '../processes/serve.ts';

/** Time in ms between an end of a plain client's connection and its next one. */
const AGAIN_MS = 100;
/** Time in ms between two publishes of a reconnect. */
const PACE_MS = 50;
/** Publishes while nobody is connected, and all publishes of a reconnect. */
const [DOWN, ALL] = [10, 30];
/** Time in ms for all clients to come back and to get what they missed. */
const PATIENCE_MS = 10_000;
const TOPIC = 'blocks';

/** The clients, and the design that they use. */
export interface ReconnectLoad {
  readonly url: string;
  readonly design: 'ours' | 'blocks';
  readonly clients: number;
}

/** The numbers of the messages that each client has. */
const received: Set<number>[] = [];
let proxy: CutProxy | undefined;
let publish: (number: number) => unknown = () => undefined;

const commands = {
  /** Opens clients through a proxy, and one beside it that publishes. */
  open: async ({ url, design, clients }: ReconnectLoad): Promise<void> => {
    const through = new URL(url);
    proxy = await startCutProxy(Number(through.port));
    through.port = String(proxy.port);
    const open = design === 'ours' ? openOurs : openPlain;
    for (let client = 0; client < clients; client++) await open(through.href);
    publish = design === 'ours' ? publisherOf(url) : await plainPublisher(url);
  },
  /** Ends all connections once while messages are published. Resolves to the messages that clients never got. */
  reconnect: async (_input: undefined): Promise<number> => {
    proxy?.cut();
    for (let number = 0; number < ALL; number++) {
      if (number === DOWN) proxy?.restore();
      void publish(number);
      await sleep(PACE_MS);
    }
    for (let waitedMs = 0; waitedMs < PATIENCE_MS && missing() > 0; waitedMs += PACE_MS) await sleep(PACE_MS);
    return missing();
  },
};

/** The commands of this worker. */
export type ReconnectCommands = typeof commands;

serve(commands);

const missing = (): number => received.reduce((total, numbers) => total + ALL - numbers.size, 0);

async function openOurs(url: string): Promise<void> {
  const numbers = new Set<number>();
  received.push(numbers);
  const subscription = connect<Record<string, number>>(url, { socketClass: WebSocket }).subscribe(TOPIC);
  subscription.on('message', ({ data }) => numbers.add(data));
  await new Promise((resolve) => subscription.on('subscribed', resolve));
}

function publisherOf(url: string): (number: number) => unknown {
  const rt = connect<Record<string, number>>(url, { socketClass: WebSocket });
  return (number) => rt.publish(TOPIC, number);
}

/** Opens a client that connects again when its connection ends, as a page's own code would. */
async function openPlain(url: string): Promise<void> {
  const numbers = new Set<number>();
  received.push(numbers);
  const again = (): WebSocket => {
    const socket = new WebSocket(url);
    socket.on('message', (data: Buffer) => numbers.add(Number(data.toString())));
    // A handshake that fails ends in 'close' too.
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(again, AGAIN_MS));
    return socket;
  };
  await once(again(), 'open');
}

async function plainPublisher(url: string): Promise<(number: number) => unknown> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  return (number) => socket.send(`{"action":"sendmessage","data":${number}}`);
}
