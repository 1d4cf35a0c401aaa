import { once } from 'node:events';
import { createServer } from 'node:net';
import { startGateway } from '../../../../local/gateway/gateway.ts';
import { gate, openClient, openKnown, openRaw, startHarness, stopAll } from './gateway-harness.ts';
import { clientFrame, readToEnd, upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

const TERMINAL = { info: () => {}, warn: () => {}, lambdaLog: () => {} };

describe('starting', () => {
  const other = createServer();
  afterAll(() => {
    other.close();
  });

  it('on a port in use says which, and what to do', async () => {
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const api = {
      logicalId: 'A',
      apiId: 'a',
      host: 'a',
      routeSelectionExpression: '$request.body.action',
      stages: [{ name: 'live', routes: [] }],
    };

    const starting = startGateway(
      { api, region: 'r', accountId: '1', port },
      { invoke: () => Promise.reject(new Error('unused')), terminal: TERMINAL },
    );

    await expect(starting).rejects.toMatchObject({
      name: 'RuntimeSetupError',
      message: expect.stringMatching(new RegExp(`^Port ${port} is in use.*PORT=\\d+ or --port \\d+$`)),
    });
  });
});

describe('closing', () => {
  it('ends every connection with 1001 and lets $disconnect run, which may still post', async () => {
    const posted = gate<number>();
    const harness = await startHarness({
      limits: { shutdownMs: 5000 },
      script: {
        disconnect: async ({ requestContext }) => {
          const url = harness.callbackUrl(String(requestContext['connectionId']));
          const { status } = await fetch(url, { method: 'POST', headers: { Authorization: 'x' }, body: 'x' });
          posted.open(status);
        },
      },
    });
    const clients = [await openClient(harness.url), await openClient(harness.url)];

    await harness.gateway.close();

    const ends = await Promise.all(clients.map(({ closed }) => closed));
    expect(ends).toEqual([1, 2].map(() => ({ code: 1001, reason: 'Going away' })));
    expect(harness.seen('disconnect')).toHaveLength(2);
    expect(await posted.wait).toBe(410);
    expect(harness.gateway.connectionCount()).toBe(0);
  });

  it('waits neither for a $disconnect that hangs nor for a client that does not answer', async () => {
    const never = gate();
    const harness = await startHarness({ limits: { shutdownMs: 50 }, script: { disconnect: () => never.wait } });
    const socket = await openRaw(harness);
    socket.write(upgradeText());
    await once(socket, 'data');
    const ended = once(socket, 'close');

    await harness.gateway.close();

    socket.resume();
    await ended;
    expect(harness.gateway.connectionCount()).toBe(0);
  });

  it('cuts off an upgrade that waits', async () => {
    const never = gate();
    const harness = await startHarness({ script: { connect: () => never.wait } });
    const socket = await openRaw(harness);
    socket.write(upgradeText());
    await harness.event('connect');

    await harness.gateway.close();

    expect(await readToEnd(socket)).toBe('');
  });
});

describe('a hostile client', () => {
  it.each<[string, Buffer]>([
    ['an unmasked frame', Buffer.from([0x81, 1, 65])],
    ['a reserved bit', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['an unknown opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a continuation of nothing', clientFrame(Buffer.from('x'), { opcode: 0 })],
    ['a length of 2^63', Buffer.from([0x81, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a close frame of one byte', clientFrame(Buffer.from('x'), { opcode: 8 })],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('with %s loses its own connection only', async (_what, bytes) => {
    const harness = await startHarness();
    const other = await openClient(harness.url);
    const socket = await openRaw(harness);
    socket.write(Buffer.concat([Buffer.from(upgradeText()), bytes]));

    const ended = readToEnd(socket);
    await harness.event('disconnect');
    socket.end();
    const received = await ended;
    other.send({ action: 'echo' });

    expect(received).toMatch(/^HTTP\/1\.1 101 /);
    expect(await other.next()).toBe('{"action":"echo"}');
    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it('that resets in the middle of a frame is a cut line', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);
    socket.write(upgradeText());
    await once(socket, 'data');

    socket.write(clientFrame(Buffer.alloc(1000, 'x')).subarray(0, 100));
    socket.resetAndDestroy();

    expect((await harness.event('disconnect')).requestContext['disconnectStatusCode']).toBe(1006);
  });

  it('that talks much before it is answered is cut off', async () => {
    const never = gate();
    const harness = await startHarness({ script: { connect: () => never.wait }, limits: { earlyBytes: 100 } });
    const socket = await openRaw(harness);

    socket.write(upgradeText());
    await harness.event('connect');
    socket.write(Buffer.alloc(200));

    expect(await readToEnd(socket)).toBe('');
  });

  it('with giant headers is told so', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);

    socket.write(upgradeText('/live', `X-Big: ${'x'.repeat(20_000)}\r\n`));

    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('that sends half a request is cut off in time', async () => {
    const harness = await startHarness({ limits: { headersTimeoutMs: 50, requestTimeoutMs: 50 } });
    const socket = await openRaw(harness);

    socket.write('GET /live HTTP/1.1\r\nHost: x\r\n');

    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that sends thousands of tiny messages in one write has as many served as may be, and gets every answer', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({ script: { echo: () => answer.wait }, limits: { messagesInFlight: 8 } });
    const socket = await openRaw(harness);
    const count = 2000;
    const frame = clientFrame(Buffer.from('{"action":"echo"}'));
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    const counted = (text: string): number => Buffer.concat(received).toString('latin1').split(text).length - 1;

    socket.write(Buffer.concat([Buffer.from(upgradeText()), ...Array.from({ length: count }, () => frame)]));
    while (counted('Too Many Requests') < count - 8) await once(socket, 'data');
    answer.open({ body: 'served' });
    while (counted('served') < 8) await once(socket, 'data');

    expect(harness.seen('echo')).toHaveLength(8);
    expect(counted('Too Many Requests')).toBe(count - 8);
  });

  it('that sends too much is refused for as long as its messages are in flight, and no other client is', async () => {
    const answer = gate<unknown>();
    const answers: unknown[] = [answer.wait];
    const script = { echo: () => answers.shift() ?? { body: 'served' } };
    const harness = await startHarness({ script, limits: { messagesInFlight: 1 } });
    const [client, other] = [await openKnown(harness), await openKnown(harness)];

    client.send({ action: 'echo' });
    client.send({ action: 'echo' });
    const refused = JSON.parse(await client.next());
    other.send({ action: 'echo' });
    const answered = await other.next();
    answer.open({ body: 'first' });
    const first = await client.next();
    client.send({ action: 'echo' });

    expect(refused).toMatchObject({ message: 'Too Many Requests', connectionId: client.id });
    expect([answered, first, await client.next()]).toEqual(['served', 'first', 'served']);
  });

  it('that asks much and reads nothing is soon not read itself', async () => {
    const body = 'x'.repeat(100 * 1024);
    const harness = await startHarness({ script: { echo: () => ({ body }) }, limits: { messagesInFlight: 4 } });
    const client = await openKnown(harness);
    client.ws.pause();
    const count = 400;

    for (let sent = 0; sent < count; sent += 1) {
      client.send({ action: 'echo' });
      // By the end of another request, the gateway has served what it can.
      await fetch(`http://127.0.0.1:${harness.gateway.port}/`);
    }
    const served = harness.seen('echo').length;
    client.ws.resume();
    for (let received = 0; received < count; received += 1) await client.next();

    expect(served).toBeLessThan(count);
    expect(client.frames).toHaveLength(count);
  });

  it('that goes away leaves what it had asked for to run', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({ script: { echo: () => answer.wait } });
    const client = await openKnown(harness);
    client.send({ action: 'echo' });
    await harness.event('echo');

    client.ws.terminate();
    await harness.event('disconnect');
    answer.open({ body: 'too late' });
    const other = await openClient(harness.url);
    other.send({ action: 'unheard-of' });
    await other.next();

    expect(harness.warnings).toEqual([]);
  });
});
