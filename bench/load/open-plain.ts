import type { Client, OnStamp, LoadTarget } from './client.ts';
import { openStampedSocket } from './open-socket.ts';

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
