import type { Client, OnStamp, Target } from './client.ts';
import { openSocket } from './open-socket.ts';

const STATE = '{"type":"state"';

/** Opens a client of a counter. Each frame with the counter's value counts as a message without latency. */
export async function openCounter({ url, topics }: Target, onStamp: OnStamp): Promise<Client> {
  const subscribed = Promise.withResolvers<void>();
  let value = 0;
  await openSocket(
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
