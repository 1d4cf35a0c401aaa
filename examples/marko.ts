import { type Example, stopped } from './example.ts';
import { openRawSocket } from './raw-socket.ts';

/** Sends plain text. Text without an action goes to the route `$default`, which answers. */
export const marko: Example = async ({ url, count = 1, stop }) => {
  const ending = new AbortController();
  const socket = await openRawSocket(`${url}?topics=`);
  let answers = 0;
  socket.onText((text) => {
    console.log(text);
    answers += 1;
    if (answers >= count) return ending.abort();
    socket.send('Marko?');
  });
  console.log('Marko?');
  socket.send('Marko?');
  await stopped(AbortSignal.any([stop, ending.signal, socket.closed]));
  socket.close();
};
