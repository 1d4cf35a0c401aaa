import { createInterface } from 'node:readline';
import { type Example, stopped } from './example.ts';
import { openRawSocket } from './raw-socket.ts';

/** The chat of the tutorials: everyone receives every message. Its frames have the action `onMessage`. */
export const chat: Example = async ({ url, count = Infinity, stop }) => {
  const ending = new AbortController();
  const socket = await openRawSocket(`${url}?topics=everyone`);
  let heard = 0;
  socket.onFrame((frame) => {
    if (frame['type'] === 'subscribed') console.log('You are in. What you type goes to everyone.');
    if (frame['type'] !== 'message') return;
    console.log(typeof frame['data'] === 'string' ? frame['data'] : JSON.stringify(frame['data']));
    heard += 1;
    if (heard >= count) ending.abort();
  });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (message) => socket.send({ action: 'onMessage', message }));
  await stopped(AbortSignal.any([stop, ending.signal, socket.closed]));
  lines.close();
  socket.close();
};
