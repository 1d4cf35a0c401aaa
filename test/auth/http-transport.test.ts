import { connect, type ConnectOptions, type Realtime, type RealtimeError } from '../../client/src/index.ts';
import { authenticatedPort, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { type BlockingProxy, startBlockingProxy } from '../helpers/blocking-proxy.ts';
import { collect } from '../helpers/collect.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { eventually } from '../helpers/eventually.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const clients: Realtime[] = [];
const proxies: BlockingProxy[] = [];

afterEach(async () => {
  for (const rt of clients.splice(0)) rt.close();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function startProxy(): Promise<BlockingProxy> {
  const proxy = await startBlockingProxy(authenticatedPort());
  proxies.push(proxy);
  return proxy;
}

/** Opens a client through a proxy. */
function open({ port }: BlockingProxy, options: ConnectOptions = {}, sub = 'ann'): Realtime {
  const token = () => tokenFor({ ...EVERYTHING, sub });
  const rt = connect(`ws://127.0.0.1:${port}/live`, {
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    token,
    random: () => 0.01,
    ...options,
  });
  clients.push(rt);
  return rt;
}

const run = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1);

const online = (rt: Realtime, transport: 'websocket' | 'http') =>
  eventually(() => expect([rt.status, rt.transport]).toEqual(['online', transport]));

describe('a client behind a proxy that refuses WebSockets', () => {
  it('goes by HTTP by itself, with the same events, and its token', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('blocked')];
    proxy.block();
    const rt = open(proxy, { topics: [topic] });
    const heard = collect(rt.subscribe(topic));
    await online(rt, 'http');

    const published = await rt.publish(topic, { by: 'http' });
    const value = await rt.counter(topic).increment(3);

    expect([published.seq, value]).toEqual([1, 3]);
    await eventually(() => expect(heard.data).toEqual([{ by: 'http' }]));
    await eventually(() => expect(rt.counter(topic).value).toBe(3));
    expect(heard.subscription.state).toBe('live');
    expect(proxy.handshakes()).toBeGreaterThanOrEqual(2);
  });

  it('shares its topics with clients that have a socket', async () => {
    const [proxy, free, topic] = [await startProxy(), await startProxy(), unusedName('both')];
    proxy.block();
    const [byHttp, bySocket] = [open(proxy), open(free, {}, 'bob')];
    const [heardByHttp, heardBySocket] = [collect(byHttp.subscribe(topic)), collect(bySocket.subscribe(topic))];
    await Promise.all([online(byHttp, 'http'), online(bySocket, 'websocket')]);
    await eventually(() => [heardByHttp, heardBySocket].every(({ subscription }) => subscription.state === 'live'));

    await byHttp.publish(topic, 1);
    await bySocket.publish(topic, 2);

    await eventually(() =>
      expect([heardByHttp.data, heardBySocket.data]).toEqual([
        [1, 2],
        [1, 2],
      ]),
    );
  });

  it('catches up from its position, and fetches history', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('history')];
    const rt = open(proxy);
    for (const n of run(5)) await rt.publish(topic, n);
    proxy.block();
    await online(rt, 'http');

    const last = collect(rt.subscribe(topic, { history: 2 }));
    await eventually(() => expect(last.data).toEqual([4, 5]));
    const { messages } = await last.subscription.history({
      before: { epoch: '', seq: 1, ...last.subscription.position },
    });

    expect(messages.map(({ data }) => data)).toEqual([1, 2, 3, 4]);
  });

  it('does not get its own message back with `echo: false`', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('silent')];
    const rt = open(proxy, { transport: 'http' });
    const heard = collect(rt.subscribe(topic));
    await eventually(() => heard.subscription.state === 'live');

    for (const n of run(5)) await rt.publish(topic, n, { echo: n % 2 === 0 });

    await eventually(() => expect(heard.subscription.position?.seq).toBe(5));
    expect(heard.data).toEqual([2, 4]);
  });

  it('says what needs a WebSocket, and has it once there is one', async () => {
    const [proxy, prefix] = [await startProxy(), unusedName('needs')];
    proxy.block();
    const rt = open(proxy);
    const errors: RealtimeError[] = [];
    rt.on('error', (error) => errors.push(error));
    const room = rt.subscribe(`${prefix}/room`, { presence: true });
    const all = rt.subscribe(`${prefix}/*`);
    await eventually(() => expect(all.error?.code).toBe('needs-websocket'));
    await eventually(() => expect(errors.map(({ code }) => code)).toContain('needs-websocket'));
    await eventually(() => expect(room.state).toBe('live'));

    proxy.unblock();
    proxy.cut();

    await online(rt, 'websocket');
    await eventually(() => expect(all.state).toBe('live'));
    await eventually(() => expect(room.presence?.count).toBe(1));
  });

  it('polls where the proxy holds answers back', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('held')];
    proxy.block();
    proxy.holdBack();
    const rt = open(proxy);
    const heard = collect(rt.subscribe(topic));
    await online(rt, 'http');
    await eventually(() => expect(heard.subscription.state).toBe('live'));

    await rt.publish(topic, 1);
    await rt.publish(topic, 2);

    await eventually(() => expect(heard.data).toEqual([1, 2]));
  });

  it('goes back to the WebSocket and to HTTP again under load: each message once and in order', async () => {
    const [proxy, free, topic] = [await startProxy(), await startProxy(), unusedName('switch')];
    const rt = open(proxy);
    const other = open(free, {}, 'bob');
    const heard = collect(rt.subscribe(topic));
    // A message that is published before the subscription is no part of what it follows.
    await eventually(() => heard.subscription.state === 'live');
    const published: Promise<unknown>[] = [];
    let sent = 0;
    const timer = setInterval(() => {
      published.push(rt.publish(topic, `own ${sent}`), other.publish(topic, `other ${sent}`));
      sent += 1;
    }, 20);
    try {
      await online(rt, 'websocket');
      for (const _ of run(2)) {
        proxy.block();
        await online(rt, 'http');
        await moreThan(() => heard.data.length, 40);
        proxy.unblock();
        await online(rt, 'websocket');
        await moreThan(() => heard.data.length, 40);
      }
    } finally {
      clearInterval(timer);
    }
    await Promise.all(published);

    await eventually(() => expect(heard.seqs).toEqual(run(2 * sent)));
    expect(new Set(heard.data).size).toBe(2 * sent);
    expect(heard.gaps).toEqual([]);
  }, 150_000);

  it('publishes once what the WebSocket lost without an answer', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('once')];
    const rt = open(proxy);
    const heard = collect(rt.subscribe(topic));
    await eventually(() => heard.subscription.state === 'live');

    const all = run(30).map((n) => rt.publish(topic, n, { key: `${topic}-${n}` }));
    proxy.block();
    await Promise.all(all);

    await eventually(() => expect(heard.seqs).toEqual(run(30)));
    expect(heard.data.toSorted((a, b) => Number(a) - Number(b))).toEqual(run(30));
    expect(rt.transport).toBe('http');
  });
});

describe('the option `transport`', () => {
  it('keeps a client to the WebSocket, or to HTTP', async () => {
    const [proxy, topic] = [await startProxy(), unusedName('kept')];
    const byHttp = open(proxy, { transport: 'http' });
    await online(byHttp, 'http');
    const handshakes = proxy.handshakes();
    proxy.block();
    const bySocket = open(proxy, { transport: 'websocket' });
    await eventually(() => proxy.handshakes() > handshakes + 3);

    expect(bySocket.status).not.toBe('online');
    expect((await byHttp.publish(topic, 1)).seq).toBe(1);
    expect(handshakes).toBe(0);
  });

  it('goes by the address of the door, if there is one', async () => {
    const [proxy, free] = [await startProxy(), await startProxy()];
    proxy.block();

    const rt = open(proxy, { httpUrl: `http://127.0.0.1:${free.port}` });
    await online(rt, 'http');

    expect(proxy.posts()).toBe(0);
    expect(free.posts()).toBeGreaterThan(0);
  });

  it('is one of three', () => {
    expect(() => connect('ws://127.0.0.1:1/', { transport: 'smoke' as 'auto' })).toThrow(TypeError);
  });
});

/** Waits until a number has grown. */
async function moreThan(count: () => number, by: number): Promise<void> {
  const before = count();
  await eventually(() => count() > before + by);
}
