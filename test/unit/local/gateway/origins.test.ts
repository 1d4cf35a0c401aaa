import { WebSocket as AnyWebSocket } from 'ws';
import type { HarnessOptions, Harness } from './gateway-harness.ts';
import { openClient, openKnown, refusedStatus, startHarness, stopAll } from './gateway-harness.ts';
import { sendRaw } from '../raw-request.ts';

afterEach(stopAll);

/** A harness whose page answers `the page`. */
const start = (options: HarnessOptions = {}): Promise<Harness> =>
  startHarness({ ...options, deps: { page: (_, response) => void response.end('the page'), ...options.deps } });

const LISTED = 'http://localhost:5173';

/** Origins as functions of the port. */
const FOREIGN: readonly (readonly [string, (port: number) => string])[] = [
  ['another site', () => 'https://example.com'],
  ['a sandboxed frame or a file', () => 'null'],
  ['a longer name that begins alike', (port) => `http://127.0.0.1.example.com:${port}`],
  ['the same after an @', (port) => `http://127.0.0.1:${port}@example.com`],
  ['a longer name that ends alike', (port) => `http://evil-localhost:${port}`],
  ['another port', (port) => `http://127.0.0.1:${port + 1}`],
  ['no port', () => 'http://127.0.0.1'],
  ['another scheme', (port) => `https://127.0.0.1:${port}`],
  ['another address of this machine', (port) => `http://127.0.0.2:${port}`],
  ['an extension', () => 'chrome-extension://abcdefghijklmnop'],
  ['an own path', (port) => `http://127.0.0.1:${port}/`],
  ['two origins', (port) => `http://127.0.0.1:${port} https://example.com`],
  ['nothing', () => ''],
];

const OWN: readonly (readonly [string, (port: number) => string])[] = [
  ['the page', (port) => `http://127.0.0.1:${port}`],
  ['the page by the name localhost', (port) => `http://localhost:${port}`],
  ['the page by IPv6', (port) => `http://[::1]:${port}`],
  ['capitals', (port) => `HTTP://LocalHost:${port}`],
];

describe('a WebSocket of a web page', () => {
  it.each(FOREIGN)('of %s is refused with 403 before any function runs', async (_what, originOf) => {
    const harness = await start();
    const origin = originOf(harness.gateway.port);

    const status = await refusedStatus(harness.url, { headers: { origin } });

    expect(status).toBe(403);
    expect(harness.seen('connect')).toEqual([]);
  });

  it.each(OWN)('of %s is let in', async (_what, originOf) => {
    const harness = await start();

    await openClient(harness.url, { client: { headers: { origin: originOf(harness.gateway.port) } } });

    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it('of a listed origin is let in, and of no other that looks like it', async () => {
    const harness = await start({ origins: [LISTED] });

    await openClient(harness.url, { client: { headers: { origin: LISTED } } });
    const another = await refusedStatus(harness.url, { headers: { origin: 'http://localhost:51730' } });

    expect(harness.gateway.connectionCount()).toBe(1);
    expect(another).toBe(403);
  });

  it('is let in at an edge by the origin of the page and of the edge', async () => {
    const harness = await start({ edges: 1 });
    const ports = [harness.gateway.port, ...harness.gateway.edgePorts];

    for (const port of ports) {
      await openClient(harness.url, { client: { headers: { origin: `http://127.0.0.1:${port}` } } });
    }
    const status = await refusedStatus(harness.url, { headers: { origin: 'https://example.com' } });

    expect(harness.gateway.connectionCount()).toBe(2);
    expect(status).toBe(403);
  });

  it('does not use up the throttle when it is refused', async () => {
    const harness = await start({ stage: { throttle: { ratePerSecond: 0.001, burst: 1 } } });

    const statuses = [
      await refusedStatus(harness.url, { headers: { origin: 'https://example.com' } }),
      await refusedStatus(harness.url, { headers: { origin: 'https://example.com' } }),
    ];
    await openClient(harness.url);

    expect(statuses).toEqual([403, 403]);
    expect(harness.gateway.connectionCount()).toBe(1);
  });
});

describe('a tool', () => {
  it('is let in without an Origin, by the library `ws` and by the WebSocket of Node', async () => {
    const harness = await start();
    const [node, ws] = [new WebSocket(harness.url), new AnyWebSocket(harness.url)];

    await Promise.all([
      new Promise((resolve) => node.addEventListener('open', resolve)),
      new Promise((resolve) => ws.once('open', resolve)),
    ]);
    node.close();
    ws.close();

    expect(harness.seen('connect')).toHaveLength(2);
  });
});

/** The hosts that lead here only by DNS rebinding, or by a mistake. */
const FOREIGN_HOSTS: readonly (readonly [string, (port: number) => string])[] = [
  ['another name', (port) => `evil.example:${port}`],
  ['a longer name that begins alike', (port) => `127.0.0.1.evil.example:${port}`],
  ['a longer name that ends alike', (port) => `my.localhost:${port}`],
  ['a name with a dot at its end', (port) => `localhost.:${port}`],
  ['the address of all interfaces', (port) => `0.0.0.0:${port}`],
];

const OWN_HOSTS: readonly (readonly [string, (port: number) => string])[] = [
  ['127.0.0.1', (port) => `127.0.0.1:${port}`],
  ['localhost', (port) => `localhost:${port}`],
  ['capitals', (port) => `LOCALHOST:${port}`],
  ['IPv6', (port) => `[::1]:${port}`],
  ['a forwarded port', (port) => `localhost:${port + 1}`],
  ['the default port', () => '127.0.0.1'],
  ['the host of a listed origin', () => 'app.example:5173'],
];

describe('the Host of a request', () => {
  it.each(FOREIGN_HOSTS)('that is %s refuses a page and an upgrade', async (_what, hostOf) => {
    const harness = await start();
    const host = hostOf(harness.gateway.port);

    const page = await sendRaw(`http://127.0.0.1:${harness.gateway.port}/`, { headers: { host } });
    const upgrade = await refusedStatus(harness.url, { headers: { host } });

    expect(page).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect(upgrade).toBe(403);
  });

  it.each(OWN_HOSTS)('that is %s is accepted', async (_what, hostOf) => {
    const harness = await start({ origins: ['http://app.example:5173'] });
    const host = hostOf(harness.gateway.port);

    const page = await sendRaw(`http://127.0.0.1:${harness.gateway.port}/`, { headers: { host } });
    await openClient(harness.url, { client: { headers: { host } } });

    expect(page).toMatchObject({ status: 200, text: 'the page' });
    expect(harness.gateway.connectionCount()).toBe(1);
  });
});

describe('a request of a foreign web page', () => {
  const PATHS = ['/', '/_runtime', '/_runtime/logs', '/live', '/live/@connections/AAAAAAAAAAAAAAA='];

  it.each(PATHS)('to %s is refused with 403', async (path) => {
    const harness = await start();
    const headers = { origin: 'https://example.com', authorization: 'AWS4-HMAC-SHA256 Credential=x' };

    const answers = await Promise.all(
      ['GET', 'POST', 'OPTIONS', 'DELETE'].map((method) =>
        sendRaw(`http://127.0.0.1:${harness.gateway.port}${path}`, { method, headers }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(answers.map(({ text }) => text)).toEqual(Array(4).fill('{"message":"Forbidden"}'));
    for (const { headers: answered } of answers) expect(answered).not.toHaveProperty('access-control-allow-origin');
  });

  it.each([
    ['by its Origin', { origin: 'https://example.com' }],
    ['by DNS rebinding', { host: 'evil.example:4000' }],
    ['by an image or a script', { 'sec-fetch-site': 'cross-site' }],
  ])('posts nothing to a connection %s', async (_what, extra) => {
    const harness = await start();
    const client = await openKnown(harness);
    const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=x', 'content-length': '4' };

    const refused = await sendRaw(harness.callbackUrl(client.id), {
      method: 'POST',
      headers: { ...signed, ...extra },
      body: 'evil',
    });
    await fetch(harness.callbackUrl(client.id), { method: 'POST', headers: signed, body: 'good' });

    expect(refused.status).toBe(403);
    expect(await client.next()).toBe('good');
  });

  it.each(['cross-site', 'same-site'])('without an Origin is known by Sec-Fetch-Site: %s', async (site) => {
    const harness = await start();
    const url = `http://127.0.0.1:${harness.gateway.port}/_runtime`;

    const script = await sendRaw(url, { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' } });
    const link = await sendRaw(url, { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' } });

    expect([script.status, link.status]).toEqual([403, 200]);
  });
});

describe('the terminal', () => {
  it('names a refused origin once, with the option that lets it in', async () => {
    const harness = await start();

    for (let attempt = 0; attempt < 3; attempt += 1) {
      await refusedStatus(harness.url, { headers: { origin: 'http://localhost:5173' } });
    }

    expect(harness.warnings).toEqual([
      'Refused a web page of the origin http://localhost:5173. To let it in: --origin http://localhost:5173',
    ]);
  });

  it('names a bounded number of them, cut to a length', async () => {
    const harness = await start();
    const url = `http://127.0.0.1:${harness.gateway.port}/`;

    for (let site = 0; site < 30; site += 1) {
      await sendRaw(url, { headers: { origin: `https://${site}.example/${'x'.repeat(1_000)}` } });
    }

    expect(harness.warnings).toHaveLength(21);
    expect(harness.warnings.at(-1)).toBe('Further refused origins and hosts are not named.');
    expect(Math.max(...harness.warnings.map(({ length }) => length))).toBeLessThan(600);
  });

  it.each([
    [{ origin: 'null' }, /without an origin .*Serve it by HTTP/],
    [{ host: 'evil.example:1' }, /^Refused a request for the host evil\.example:1\. To let it in: --origin http:/],
    [{ 'sec-fetch-site': 'cross-site' }, /^Refused a request of another web page \(sec-fetch-site: cross-site\)\.$/],
  ])('says what it refused: %j', async (headers, line) => {
    const harness = await start();

    await sendRaw(`http://127.0.0.1:${harness.gateway.port}/`, { headers });

    expect(harness.warnings).toEqual([expect.stringMatching(line)]);
  });
});
