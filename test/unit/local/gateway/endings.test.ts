import {
  gate,
  openClient,
  openKnown,
  openRaw,
  ROUTES,
  startHarness,
  stopAll,
  type Client,
  type Harness,
} from './gateway-harness.ts';
import { clientFrame, upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

const KB = 1024;

async function disconnection(harness: Harness): Promise<{ code: unknown; reason: unknown }> {
  const { requestContext } = await harness.event('disconnect');
  return { code: requestContext['disconnectStatusCode'], reason: requestContext['disconnectReason'] };
}

describe('the end of a connection', () => {
  it.each<[string, (client: Client) => void, { code: number; reason: string }]>([
    [
      'a close without status',
      ({ ws }) => ws.close(),
      { code: 1005, reason: 'Client-side close frame status not set' },
    ],
    ['a browser tab that leaves', ({ ws }) => ws.close(1001), { code: 1001, reason: '' }],
    ['a close with a reason', ({ ws }) => ws.close(4001, 'enough'), { code: 4001, reason: 'enough' }],
    ['a cut of the line', ({ ws }) => ws.terminate(), { code: 1006, reason: 'Connection closed abnormally' }],
    ['bad UTF-8', ({ ws }) => ws.send(Buffer.from([0xff, 0xfe]), { binary: false }), { code: 1007, reason: '' }],
  ])('by %s is told to $disconnect once', async (_what, leave, expected) => {
    const harness = await startHarness();
    const client = await openClient(harness.url);

    leave(client);
    const told = await disconnection(harness);
    await client.closed;
    await harness.gateway.close();

    expect(told).toEqual(expected);
    expect(harness.seen('disconnect')).toHaveLength(1);
    expect(harness.gateway.connectionCount()).toBe(0);
  });

  it('by a binary frame is 1003', async () => {
    const harness = await startHarness();
    const client = await openClient(harness.url);

    client.ws.send(Buffer.from('{"action":"quiet"}'), { binary: true });

    expect((await client.closed).code).toBe(1003);
    expect((await disconnection(harness)).code).toBe(1003);
    expect(harness.seen('quiet')).toEqual([]);
  });

  it.each([
    ['idle', { idleMs: 50 }],
    ['old age', { durationMs: 50 }],
  ])('by %s is 1001 Going away', async (_what, limits) => {
    const harness = await startHarness({ limits });
    const client = await openClient(harness.url);

    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect(await disconnection(harness)).toEqual({ code: 1001, reason: 'Going away' });
  });

  it('by idleness is put off by a message of either side, not by a ping', async () => {
    let now = 0;
    const harness = await startHarness({ limits: { idleMs: 100 }, deps: { now: () => now } });
    const talker = await openKnown(harness);
    const listener = await openKnown(harness);
    const pinger = await openKnown(harness);

    now = 60;
    talker.send({ action: 'quiet' });
    await harness.event('quiet');
    await fetch(harness.callbackUrl(listener.id), { method: 'POST', headers: { Authorization: 'x' }, body: 'hello' });
    pinger.ws.ping();
    now = 120;
    const end = await pinger.closed;

    expect(end.code).toBe(1001);
    expect([talker.ws.readyState, listener.ws.readyState]).toEqual([talker.ws.OPEN, talker.ws.OPEN]);
  });

  it('does not wait for messages that are still being served', async () => {
    const never = gate();
    const harness = await startHarness({ script: { quiet: () => never.wait } });
    const client = await openClient(harness.url);
    client.send({ action: 'quiet' });
    await harness.event('quiet');

    client.ws.close(1000);

    expect((await disconnection(harness)).code).toBe(1000);
  });

  it('is nothing to a stage without $disconnect', async () => {
    const harness = await startHarness({ routes: ROUTES.filter(({ routeKey }) => routeKey !== '$disconnect') });
    const client = await openClient(harness.url);

    client.ws.close();
    await client.closed;
    await harness.gateway.close();

    expect(harness.warnings).toEqual([]);
  });
});

describe("the size of a client's message", () => {
  it('may be 128 KB in frames of 32 KB', async () => {
    const harness = await startHarness({ script: { echo: ({ body }) => ({ body: String(body?.length) }) } });
    const client = await openClient(harness.url);
    const text = JSON.stringify({ action: 'echo', pad: '' });
    const message = text.replace('""', `"${'x'.repeat(128 * KB - text.length)}"`);

    for (let at = 0; at < message.length; at += 32 * KB) {
      client.ws.send(message.slice(at, at + 32 * KB), { fin: at + 32 * KB >= message.length });
    }

    expect(await client.next()).toBe(String(128 * KB));
  });

  it('past 128 KB ends the connection with 1009, in frames too', async () => {
    const harness = await startHarness();
    const client = await openClient(harness.url);

    for (let sent = 0; sent < 5; sent += 1) client.ws.send('x'.repeat(32 * KB), { fin: sent === 4 });

    expect((await client.closed).code).toBe(1009);
    expect((await disconnection(harness)).code).toBe(1009);
  });

  it('of 40 KB is fine in two frames and 1009 in one', async () => {
    const harness = await startHarness({ script: { echo: () => ({ body: 'fine' }) } });
    const client = await openClient(harness.url);
    const message = JSON.stringify({ action: 'echo', pad: 'x'.repeat(40 * KB) });

    client.ws.send(message.slice(0, 20 * KB), { fin: false });
    client.ws.send(message.slice(20 * KB), { fin: true });
    const answer = await client.next();
    client.ws.send(message);

    expect(answer).toBe('fine');
    expect((await client.closed).code).toBe(1009);
    expect(harness.seen('echo')).toHaveLength(1);
  });

  it('does not lose the good messages that came together with a frame too large', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);
    const good = clientFrame(Buffer.from('{"action":"quiet"}'));
    const bad = clientFrame(Buffer.from(JSON.stringify({ action: 'quiet', pad: 'x'.repeat(33 * KB) })));

    socket.write(Buffer.concat([Buffer.from(upgradeText()), good, good, bad, good]));

    expect((await disconnection(harness)).code).toBe(1009);
    expect(harness.seen('quiet')).toHaveLength(2);
  });
});
