import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eachStamp } from './stamped.ts';
import type { OnStamp } from './client.ts';

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
