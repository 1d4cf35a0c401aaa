import { type Example, type ExampleContext, stopped, ExampleUsageError } from './example.ts';
import { openRawSocket } from './raw-socket.ts';

const TOPIC = 'general';

const PUBLISH_EVERY_MS = 1_000;

/** Publishes to a topic in one process and subscribes to it in another. Both name the action by `type`. */
export const topics: Example = (context) => {
  const [role] = context.words;
  if (role === 'publish') return publish(context);
  if (role === 'subscribe') return subscribe(context);
  throw new ExampleUsageError('Say which: topics publish, or topics subscribe.');
};

async function publish({ url, count = Infinity, stop }: ExampleContext): Promise<void> {
  const ending = new AbortController();
  const socket = await openRawSocket(`${url}?topics=`);
  let published = 0;
  const publishNext = (): void => {
    published += 1;
    socket.send({ type: 'message', topic: TOPIC, data: published, id: String(published) });
  };
  // Each publish has an id and so an answer: the process must not end before its last publish is done.
  socket.onFrame((frame) => {
    console.log(JSON.stringify(frame));
    if (frame['id'] === String(count)) ending.abort();
  });
  publishNext();
  const timer = setInterval(() => (published < count ? publishNext() : clearInterval(timer)), PUBLISH_EVERY_MS);
  await stopped(AbortSignal.any([stop, ending.signal, socket.closed]));
  clearInterval(timer);
  socket.close();
}

async function subscribe({ url, count = Infinity, stop }: ExampleContext): Promise<void> {
  const ending = new AbortController();
  const socket = await openRawSocket(`${url}?topics=`);
  let heard = 0;
  socket.onFrame((frame) => {
    if (frame['type'] === 'subscribed') console.log(`Subscribed to ${TOPIC}.`);
    if (frame['type'] === 'error') console.error(String(frame['message']));
    if (frame['type'] !== 'message') return;
    console.log(`${TOPIC} #${String(frame['seq'])}: ${JSON.stringify(frame['data'])}`);
    heard += 1;
    if (heard >= count) ending.abort();
  });
  socket.send({ type: 'subscribe', topic: TOPIC });
  await stopped(AbortSignal.any([stop, ending.signal, socket.closed]));
  socket.close();
}
