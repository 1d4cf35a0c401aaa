import { type Example, stopped } from './example.ts';
import { openSocket } from './raw-socket.ts';

/** Text that names no route goes to `$default`, and that route answers. */
export const marko: Example = async ({ url, count = 1, stop }) => {
  const ending = new AbortController();
  const socket = await openSocket(`${url}?topics=`);
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
