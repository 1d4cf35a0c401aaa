import { once } from 'node:events';
import {
  gate,
  openClient,
  openKnown,
  openRaw,
  refusedStatus,
  route,
  ROUTES,
  startHarness,
  stopAll,
} from './gateway-harness.ts';
import { readToEnd, upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

describe('an upgrade', () => {
  it('is granted at the stage, once $connect has answered', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({ script: { connect: () => answer.wait } });
    const opening = openClient(harness.url);
    await harness.event('connect');
    const before = harness.gateway.connectionCount();

    answer.open({ statusCode: 200 });
    await opening;

    expect(before).toBe(0);
    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it.each(['/live/', '/live/?a=1'])('is granted at %s too, with the slash of AWS’s example for wscat', async (path) => {
    const harness = await startHarness();

    await openClient(`ws://127.0.0.1:${harness.gateway.port}${path}`);

    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it('needs no $connect route', async () => {
    const harness = await startHarness({ routes: [] });

    await openClient(harness.url);

    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it.each(['/', '/other', '//live', '/live//', '/live/more', '/live/@connections/abc'])(
    'is forbidden at %s',
    async (path) => {
      const harness = await startHarness();

      const status = await refusedStatus(`ws://127.0.0.1:${harness.gateway.port}${path}`);

      expect(status).toBe(403);
      expect(harness.seen('connect')).toEqual([]);
    },
  );

  it('says Forbidden as JSON elsewhere', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);

    socket.write(upgradeText('/nowhere'));

    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*\{"message":"Forbidden"\}$/);
  });

  it.each([
    [400, () => ({ statusCode: 400 })],
    [403, () => ({ statusCode: 403, body: 'no' })],
    [302, () => ({ statusCode: '302' })],
    [502, () => ({})],
    [502, () => undefined],
    [502, () => ({ statusCode: 200, message: 'a member that API Gateway does not know' })],
    [502, () => ({ statusCode: 200, body: { a: 1 } })],
    [502, () => ({ statusCode: 'many' })],
    [502, () => ({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'a\r\nSet-Cookie: b' } })],
    [502, () => Promise.reject(new Error('broken'))],
  ])('is refused with %i when $connect says so', async (expected, connect) => {
    const harness = await startHarness({ script: { connect } });

    const status = await refusedStatus(harness.url);

    expect(status).toBe(expected);
    expect(harness.gateway.connectionCount()).toBe(0);
    expect(harness.seen('disconnect')).toEqual([]);
  });

  it('is refused with 504 when $connect takes longer than its integration may', async () => {
    const never = gate();
    const harness = await startHarness({
      routes: [route('$connect', 'connect', { integrationTimeoutMs: 50 })],
      script: { connect: () => never.wait },
    });

    expect(await refusedStatus(harness.url)).toBe(504);
  });

  it('is refused with 502 when API Gateway may not invoke $connect', async () => {
    const harness = await startHarness({ routes: [route('$connect', 'connect', { permitted: false })] });

    expect(await refusedStatus(harness.url)).toBe(502);
    expect(harness.seen('connect')).toEqual([]);
  });

  it('carries the subprotocol that $connect chose', async () => {
    const headers = { 'sec-websocket-protocol': 'b' };
    const harness = await startHarness({ script: { connect: () => ({ statusCode: 200, headers }) } });

    const client = await openClient(harness.url, { protocols: ['a', 'b'] });

    expect(client.ws.protocol).toBe('b');
  });

  it('offers $connect the subprotocols of several header lines as one list', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);

    socket.write(upgradeText('/live', 'Sec-WebSocket-Protocol: a\r\nsec-websocket-protocol: b, c\r\n'));
    const event = await harness.event('connect');

    expect(event.headers).toMatchObject({ 'Sec-WebSocket-Protocol': 'a, b, c' });
    expect(event.headers).not.toHaveProperty('sec-websocket-protocol');
    expect(event.multiValueHeaders).toMatchObject({ 'Sec-WebSocket-Protocol': ['a, b, c'] });
  });

  it('carries no subprotocol of its own choice', async () => {
    const harness = await startHarness();

    const opening = openClient(harness.url, { protocols: ['a'] });

    await expect(opening).rejects.toThrow('Server sent no subprotocol');
  });

  it('negotiates no compression', async () => {
    const harness = await startHarness();

    const client = await openClient(harness.url, { client: { perMessageDeflate: true } });

    expect(client.ws.extensions).toBe('');
  });

  it('is refused with 414 when its URL is too long', async () => {
    const harness = await startHarness();

    expect(await refusedStatus(`${harness.url}?a=${'x'.repeat(4096)}`)).toBe(414);
    expect(await openClient(`${harness.url}?a=${'x'.repeat(4000)}`)).toBeDefined();
  });

  it.each([
    ['a bad key', upgradeText().replace('dGhlIHNhbXBsZSBub25jZQ==', 'short')],
    ['a wrong version', upgradeText().replace('Version: 13', 'Version: 7')],
    ['a bad subprotocol list', upgradeText('/live', 'Sec-WebSocket-Protocol: a,,b\r\n')],
    ['another method', upgradeText().replace('GET', 'PUT')],
  ])('is a bad request with %s, before any function runs', async (_what, text) => {
    const harness = await startHarness();
    const socket = await openRaw(harness);

    socket.write(text);

    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(harness.seen('connect')).toEqual([]);
  });

  it('past the bound on connections is refused with 429', async () => {
    const harness = await startHarness({ limits: { connections: 1 } });
    const first = await openKnown(harness);

    const status = await refusedStatus(harness.url);
    first.ws.close();
    await harness.event('disconnect');

    expect(status).toBe(429);
    expect(await openKnown(harness)).toBeDefined();
  });

  it('past the bound on pending upgrades is refused with 429', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({ limits: { pendingUpgrades: 1 }, script: { connect: () => answer.wait } });
    const first = openClient(harness.url);
    await harness.event('connect');

    const status = await refusedStatus(harness.url);
    answer.open({ statusCode: 200 });
    await first;

    expect(status).toBe(429);
  });

  it('past the throttle of the stage is refused with 429', async () => {
    const harness = await startHarness({
      stage: { throttle: { ratePerSecond: 1, burst: 1 } },
      deps: { now: () => 1000 },
    });
    await openClient(harness.url);

    expect(await refusedStatus(harness.url)).toBe(429);
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'whose client leaves by %s while it waits is told to $disconnect once $connect has let it in',
    async (leave) => {
      const answer = gate<unknown>();
      const script = { connect: () => answer.wait };
      const harness = await startHarness({ routes: ROUTES, script, limits: { pendingUpgrades: 1 } });
      const socket = await openRaw(harness);
      socket.write(upgradeText());
      await harness.event('connect');

      socket[leave]();
      await once(socket, 'close');
      // After another socket's round trip, the gateway has seen the first one close.
      expect(await refusedStatus(harness.url)).toBe(429);
      answer.open({ statusCode: 200 });
      const next = await openClient(harness.url);

      expect(next.ws.readyState).toBe(next.ws.OPEN);
      expect(harness.gateway.connectionCount()).toBe(1);
      await expect(harness.event('disconnect')).resolves.toMatchObject({
        requestContext: { disconnectStatusCode: 1006 },
      });
    },
  );
});

describe('a plain request', () => {
  it.each(['/live', '/live/'])('of the stage at %s is told to upgrade', async (path) => {
    const harness = await startHarness();

    const response = await fetch(`http://127.0.0.1:${harness.gateway.port}${path}`);

    expect(response.status).toBe(426);
  });

  it('of anything else is forbidden, or the page', async () => {
    const bare = await startHarness();
    const withPage = await startHarness({ deps: { page: (_request, response) => response.end('the page') } });

    const forbidden = await fetch(`http://127.0.0.1:${bare.gateway.port}/`);
    const page = await fetch(`http://127.0.0.1:${withPage.gateway.port}/`);

    expect([forbidden.status, await forbidden.text()]).toEqual([403, '{"message":"Forbidden"}']);
    expect(await page.text()).toBe('the page');
  });
});
