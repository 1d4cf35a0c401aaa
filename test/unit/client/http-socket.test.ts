import { GATHER_MS, POSTED_MS, RETRY_MS, WAITING_FRAMES } from '../../../client/src/http/http-bounds.ts';
import { httpSocketClass } from '../../../client/src/http/http-socket.ts';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../helpers/eventually.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';
import { TestClock } from '../../helpers/test-clock.ts';

type Frame = Readonly<Record<string, unknown>>;

/** A request with frames, whose answer the test writes. */
interface Posted {
  readonly frames: readonly Frame[];
  readonly isPoll: boolean;
  readonly say: (...frames: readonly object[]) => void;
  readonly end: (...frames: readonly object[]) => void;
}

const servers: HttpServer[] = [];
const sockets: { close: () => void }[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const written = (frames: readonly object[]): string =>
  frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('');

function postedOf({ body, path }: { body: string; path: string }, response: ServerResponse): Posted {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  return {
    frames: body.split('\n').map((line): Frame => JSON.parse(line)),
    isPoll: path.endsWith('?live=long-poll'),
    say: (...frames) => void response.write(written(frames)),
    end: (...frames) => void response.end(written(frames)),
  };
}

/** Opens a connection to a door that answers pings; the test answers the other requests. */
async function open(query = '') {
  const posts: Posted[] = [];
  const server = await startHttpServer((request, response) => {
    const posted = postedOf(request, response);
    if (request.body === '{"action":"ping"}') posted.end({ type: 'pong' });
    else posts.push(posted);
  });
  servers.push(server);
  const clock = new TestClock();
  const HttpSocket = httpSocketClass({ clock, httpUrl: server.url });
  const socket = new HttpSocket(`ws://127.0.0.1/live${query}`);
  sockets.push(socket);
  const received: Frame[] = [];
  let closes = 0;
  let isOpen = false;
  socket.addEventListener('open', () => void (isOpen = true));
  socket.addEventListener('message', ({ data }) => received.push(JSON.parse(String(data))));
  socket.addEventListener('close', () => void (closes += 1));
  await eventually(() => isOpen);
  const send = (...frames: readonly object[]): void => frames.forEach((frame) => socket.send(JSON.stringify(frame)));
  return { clock, posts, received, send, closes: () => closes };
}

/** Waits for the request with this number, counted from 1. */
async function nth(posts: readonly Posted[], count: number): Promise<Posted> {
  await eventually(() => posts.length >= count, `request ${count}`);
  const post = posts[count - 1];
  if (post === undefined) throw new Error('no request');
  return post;
}

const subscribed = (topic: string, more: object = {}) => ({
  type: 'subscribed',
  topic,
  epoch: 'e',
  seq: 1,
  recovered: true,
  messages: [],
  ...more,
});

describe('a connection over HTTP', () => {
  it('asks for the topics of its URL so that each is answered, and goes on without', async () => {
    const { posts, clock } = await open('?topics=a@e:1');
    const first = await nth(posts, 1);
    first.end(subscribed('a'));
    await eventually(() => expect(clock.pending).toBe(1));
    clock.advance(1_000);

    expect(first.frames).toEqual([{ action: 'subscribe', topic: 'a', position: { epoch: 'e', seq: 1 }, batch: true }]);
    expect((await nth(posts, 2)).frames).toEqual([
      { action: 'subscribe', topic: 'a', position: { epoch: 'e', seq: 1 } },
    ]);
  });

  it('follows a topic no more once it is closed', async () => {
    const { posts, received, send, clock } = await open();
    send({ action: 'subscribe', topic: 'a', id: 'a' }, { action: 'subscribe', topic: 'b', id: 'b' });
    const first = await nth(posts, 1);
    first.end(subscribed('a', { seq: 0 }), subscribed('b'), {
      type: 'message',
      topic: 'a',
      epoch: 'e',
      seq: 1,
      data: 1,
      closed: true,
    });
    await eventually(() => expect(received).toHaveLength(3));
    await eventually(() => expect(clock.pending).toBe(1));
    clock.advance(1_000);

    const { frames } = await nth(posts, 2);

    expect(frames).toEqual([{ action: 'subscribe', topic: 'b', position: { epoch: 'e', seq: 1 } }]);
  });

  it.each([
    ['the time that it says', { code: 'rate-limited', retryAfterMs: 7_000 }, 7_000],
    ['a while', { code: 'unavailable' }, RETRY_MS],
    ['a while, however final it is', { code: 'bad-frame' }, RETRY_MS],
  ])('waits after an error for %s', async (_, error, afterMs) => {
    const { posts, clock } = await open('?topics=a');
    (await nth(posts, 1)).end({ type: 'error', message: '', ...error });
    await eventually(() => expect(clock.pending).toBe(2));
    await clock.pass(afterMs - 10, 100);

    expect(posts).toHaveLength(1);
    clock.advance(10);
    expect((await nth(posts, 2)).frames).toMatchObject([{ action: 'subscribe', topic: 'a' }]);
  });

  it('keeps its answer while a topic waits to be asked for again', async () => {
    const { posts, clock, received, send } = await open('?topics=a,b');
    const first = await nth(posts, 1);
    first.say(subscribed('b'), { type: 'error', code: 'unavailable', message: '', action: 'subscribe' });
    await eventually(() => expect(received).toHaveLength(1));
    send({ action: 'subscribe', topic: 'c', id: 'c' });
    first.say({ type: 'message', topic: 'b', epoch: 'e', seq: 2, data: 2 });
    await eventually(() => expect(received).toHaveLength(2));
    await clock.pass(RETRY_MS, 100);

    expect((await nth(posts, 2)).frames).toMatchObject([
      { topic: 'a', batch: true },
      { topic: 'b', position: { seq: 2 } },
      { topic: 'c', id: 'c' },
    ]);
  });

  it('ends where frames are not answered, so that a new one sends them again', async () => {
    const { posts, clock, send, closes } = await open();
    send({ action: 'publish', topic: 'a', data: 1, id: '1' });
    await nth(posts, 1);
    send({ action: 'publish', topic: 'a', data: 2, id: '2' });
    clock.advance(POSTED_MS - 1);

    expect(closes()).toBe(0);
    clock.advance(1);
    expect(closes()).toBe(1);
    expect(posts).toHaveLength(1);
  });

  it('sets the deadline of frames anew with each request, and none once they are answered', async () => {
    const { posts, clock, received, send, closes } = await open();
    for (const count of [1, 2]) {
      send({ action: 'publish', topic: 'a', data: count, id: `${count}` });
      const post = await nth(posts, count);
      clock.advance(POSTED_MS - 1);
      post.end({ type: 'ack', id: `${count}`, action: 'publish', topic: 'a', epoch: 'e', seq: count });
      await eventually(() => expect(received).toHaveLength(count));
      await eventually(() => expect(clock.pending).toBe(0));
    }

    expect(closes()).toBe(0);
  });

  it('asks to send later what too many frames wait before', async () => {
    const { posts, received, send } = await open();
    const frame = (id: number) => ({ action: 'plus', counter: 'a', id: `${id}` });
    send(frame(0));
    await nth(posts, 1);
    for (let id = 1; id <= WAITING_FRAMES + 1; id += 1) send(frame(id));

    await eventually(() => expect(received).toHaveLength(1));

    const id = `${WAITING_FRAMES + 1}`;
    expect(received).toMatchObject([{ type: 'error', code: 'rate-limited', id, retryAfterMs: RETRY_MS }]);
  });

  it('gathers changes of its topics while an answer comes', async () => {
    const { posts, clock, received, send } = await open('?topics=a');
    const first = await nth(posts, 1);
    first.say(subscribed('a'));
    await eventually(() => expect(received).toHaveLength(1));
    send({ action: 'subscribe', topic: 'b', id: 'b' });
    await clock.pass(GATHER_MS - 10);
    send({ action: 'subscribe', topic: 'c', id: 'c' }, { action: 'unsubscribe', topic: 'a', id: 'a' });
    first.say({ type: 'message', topic: 'a', epoch: 'e', seq: 2, data: 2 });
    await eventually(() => expect(received).toHaveLength(3));

    expect(posts).toHaveLength(1);
    clock.advance(10);
    expect((await nth(posts, 2)).frames).toEqual([
      { action: 'subscribe', topic: 'b', id: 'b' },
      { action: 'subscribe', topic: 'c', id: 'c' },
    ]);
  });

  it('asks for a topic once more where it was asked for before the answer to the first', async () => {
    const { posts, clock, received, send } = await open();
    send({ action: 'subscribe', topic: 'a', id: '1' });
    const first = await nth(posts, 1);
    send({ action: 'subscribe', topic: 'a', history: 5, id: '2' });
    first.say(subscribed('a'));
    await eventually(() => expect(received).toHaveLength(1));
    await clock.pass(GATHER_MS);

    expect((await nth(posts, 2)).frames).toEqual([{ action: 'subscribe', topic: 'a', history: 5, id: '2' }]);
  });
});
