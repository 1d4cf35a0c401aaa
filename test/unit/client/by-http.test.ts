import type { ServerResponse } from 'node:http';
import type { StreamRequest } from '../../../shared/http-door/stream-request.ts';
import { connect, type ConnectOptions, type Realtime } from '../../../client/src/index.ts';
import { serveFrames } from '../../../shared/http-frames/serve-frames.ts';
import { collect } from '../../helpers/collect.ts';
import { newTopic } from '../../helpers/door-scene.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type FramesScene, startFramesScene } from '../../helpers/frames-scene.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';

let scene: FramesScene;
let server: HttpServer;
/** The thing that the server does instead of answering. */
let instead: 'refuse' | 'cut' | 'no door' | undefined;
const clients: Realtime[] = [];
const answers: Promise<void>[] = [];

beforeAll(async () => {
  scene = await startFramesScene();
  server = await startHttpServer(({ method, path, body, headers }, response) => {
    if (instead === 'cut') return void response.destroy();
    if (instead === 'refuse') return void response.writeHead(503).end();
    if (instead === 'no door') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
    const { pathname, searchParams } = new URL(path, server.url);
    const request = { method, path: pathname, origin: server.url, query: searchParams, body: Buffer.from(body) };
    const token = { authorization: headers.authorization ?? '' };
    answers.push(answer({ ...request, headers: token }, response));
  });
});

/** Answers as the door does, part by part. */
async function answer(request: StreamRequest, response: ServerResponse): Promise<void> {
  const { status, body = '' } = await serveFrames(scene.deps, request);
  response.writeHead(status, { 'Content-Type': 'text/event-stream' });
  if (typeof body === 'string' || body instanceof Uint8Array) return void response.end(body);
  for await (const part of body) response.write(part);
  response.end();
}

afterEach(() => {
  instead = undefined;
  for (const rt of clients.splice(0)) rt.close();
});

afterAll(async () => {
  // Answers go on for a while after their client has left.
  await Promise.all(answers);
  await server.close();
  await scene.door.stop();
});

function open(options: ConnectOptions = {}): Realtime {
  const rt = connect(`${server.url.replace('http', 'ws')}/live`, {
    transport: 'http',
    httpUrl: server.url,
    random: () => 0,
    ...options,
  });
  clients.push(rt);
  return rt;
}

const online = (rt: Realtime): Promise<void> => eventually(() => expect(rt.status).toBe('online'));

describe('a client by HTTP', () => {
  it('publishes, counts, and gets what is published to its topics, in order', async () => {
    const topic = newTopic();
    const rt = open();
    const { data, subscription } = collect(rt.subscribe(topic));
    await eventually(() => expect(subscription.state).toBe('live'));

    const published = await rt.publish(topic, 'by http');
    await scene.door.archive(topic);
    await scene.publish(topic, 'by the socket', 3);
    const value = await rt.counter(topic).increment(2);

    await eventually(() => expect(data).toEqual(['by http', 'by the socket', 3]));
    expect([published.seq, value, rt.transport]).toEqual([1, 2, 'http']);
  });

  it('goes on from its position when its requests fail for a while, and misses nothing', async () => {
    const topic = newTopic();
    const rt = open();
    const { data, subscription } = collect(rt.subscribe(topic));
    await eventually(() => expect(subscription.state).toBe('live'));
    await scene.publish(topic, 1);
    await eventually(() => expect(data).toEqual([1]));

    instead = 'cut';
    await eventually(() => expect(rt.status).not.toBe('online'));
    await scene.publish(topic, 2);
    instead = undefined;

    await eventually(() => expect(data).toEqual([1, 2]));
    await eventually(() => expect(subscription.state).toBe('live'));
  });

  it.each(['refuse', 'no door'] as const)(
    'does not come online where the address answers as no door: %s',
    async (how) => {
      instead = how;
      const seen = server.requests.length;
      const rt = open();

      await eventually(() => expect(server.requests.length).toBeGreaterThan(seen));
      await eventually(() => expect(rt.status).toBe('offline'));
      instead = undefined;
      await online(rt);
    },
  );

  it('gets the history of a topic, and leaves it', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1, 2, 3);
    const rt = open();
    const { data, subscription } = collect(rt.subscribe(topic, { history: 2 }));

    await eventually(() => expect(data).toEqual([2, 3]));
    subscription.unsubscribe();
    await scene.publish(topic, 4);
    const other = collect(rt.subscribe(topic, { history: 1 }));

    await eventually(() => expect(other.data).toEqual([4]));
    expect(data).toEqual([2, 3]);
  });

  it('is told that presence and wildcards need a WebSocket', async () => {
    const rt = open();
    await online(rt);
    const errors: unknown[] = [];
    rt.on('error', ({ code }) => errors.push(code));

    const wildcard = rt.subscribe('any/*');
    wildcard.on('error', ({ code }) => errors.push(code));
    rt.subscribe(newTopic(), { presence: true });

    await eventually(() => expect(errors).toEqual(['needs-websocket', 'needs-websocket']));
    expect(wildcard.state).toBe('failed');
  });
});
