import { io } from 'socket.io-client';
import type { Client, OnStamp, LoadTarget } from './client.ts';

interface Stamped {
  readonly t: number;
}

/** Opens a client of socket.io, over WebSocket from the start, its fastest transport. */
export async function openSocketIo({ url }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
  socket.on('message', (data: Stamped) => onStamp(data.t));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return {
    publish: (message) => {
      const data: Stamped = JSON.parse(message);
      socket.emit('publish', data);
    },
  };
}
