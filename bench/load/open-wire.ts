import type { Client, OnStamp, LoadTarget } from './client.ts';
import { openStampedSocket } from './open-socket.ts';

/** Opens a client without our library: it handles the frames of docs/protocol.md itself. */
export async function openWire({ url, topics, batch }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const subscribed = Promise.withResolvers<void>();
  let missing = topics.length;
  const query = `topics=${topics.join()}${batch === true ? '&batch=true' : ''}`;
  const socket = await openStampedSocket(`${url}?${query}`, onStamp, (text) => {
    if (text.startsWith('{"type":"error"')) subscribed.reject(new Error(text));
    if (text.startsWith('{"type":"subscribed"')) missing--;
    if (missing === 0) subscribed.resolve();
  });
  if (missing > 0) await subscribed.promise;
  const head = `{"action":"publish","topic":${JSON.stringify(topics[0] ?? '')},"data":`;
  return { publish: (message) => socket.send(`${head}${message}}`) };
}
