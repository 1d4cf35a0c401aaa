import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eachStamp } from './stamped.ts';
import type { Client, LoadTarget, OnStamp } from './client.ts';

const STATE = '{"type":"state"';

/** Opens a bare WebSocket. `onStamp` receives the time of each message, `onOther` each text without one. */
export async function openStampedSocket(
  url: string,
  onStamp: OnStamp,
  onOther: (text: string) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  socket.on('message', (data: Buffer) => {
    const text = data.toString('latin1');
    let stamps = 0;
    eachStamp(text, (stampUs) => {
      stamps++;
      onStamp(stampUs);
    });
    if (stamps === 0) onOther(text);
  });
  await once(socket, 'open');
  // A broken socket shows as missing messages.
  socket.on('error', () => undefined);
  return socket;
}

/** Opens a client without our library: it handles the frames of docs/protocol.md itself. */
export const openWire = async (target: LoadTarget, onStamp: OnStamp): Promise<Client> =>
  clientOf(target, await openSubscribed(target, onStamp));

/**
 * Opens a client that pays no heed to the server's answers: it connects again at once whenever it is closed.
 */
export async function openFlooder(target: LoadTarget, onStamp: OnStamp): Promise<Client> {
  let socket: WebSocket | undefined;
  const open = async (): Promise<void> => {
    socket = await openSubscribed(target, onStamp);
    socket.on('close', () => {
      socket = undefined;
      open().catch(() => undefined);
    });
  };
  await open();
  return { publish: (message) => socket !== undefined && clientOf(target, socket).publish(message) };
}

const clientOf = ({ topics }: LoadTarget, socket: WebSocket): Client => {
  const head = `{"action":"publish","topic":${JSON.stringify(topics[0] ?? '')},"data":`;
  return { publish: (message) => socket.send(`${head}${message}}`) };
};

async function openSubscribed({ url, topics, batch }: LoadTarget, onStamp: OnStamp): Promise<WebSocket> {
  const subscribed = Promise.withResolvers<void>();
  let missing = topics.length;
  const query = `topics=${topics.join()}${batch === true ? '&batch=true' : ''}`;
  const socket = await openStampedSocket(`${url}?${query}`, onStamp, (text) => {
    if (text.startsWith('{"type":"error"')) subscribed.reject(new Error(text));
    if (text.startsWith('{"type":"subscribed"')) missing--;
    if (missing === 0) subscribed.resolve();
  });
  if (missing > 0) await subscribed.promise;
  return socket;
}

/** Opens a client of a server that sends every message to all clients, without subscriptions. */
export async function openPlain({ url, envelope }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  let heard: (text: string) => void = () => undefined;
  const socket = await openStampedSocket(url, onStamp, (text) => heard(text));
  const { before, after } = envelope ?? { before: '', after: '' };
  return {
    publish: (message) => socket.send(`${before}${message}${after}`),
    id: async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      heard = resolve;
      // A frame without a route: API Gateway's refusal contains the connection id.
      socket.send('{}');
      const { connectionId }: { connectionId: string } = JSON.parse(await promise);
      return connectionId;
    },
  };
}

/** Opens a client of a counter. Each frame with the counter's value counts as a message without latency. */
export async function openCounter({ url, topics }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const subscribed = Promise.withResolvers<void>();
  let value = 0;
  await openStampedSocket(
    `${url}?topics=${topics.join()}`,
    () => undefined,
    (text) => {
      if (!text.startsWith(STATE)) return subscribed.resolve();
      const state: { value: number } = JSON.parse(text);
      value = state.value;
      onStamp(Number.NaN);
    },
  );
  await subscribed.promise;
  return { publish: () => undefined, value: () => value };
}
