import type { Client, OnStamp, LoadTarget } from './client.ts';
import { openStampedSocket } from './open-socket.ts';

const STATE = '{"type":"state"';

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
