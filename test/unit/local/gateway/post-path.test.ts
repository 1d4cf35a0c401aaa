import { once } from 'node:events';
import { type Harness, type HarnessOptions, openKnown, openRaw, startHarness, stopAll } from './gateway-harness.ts';
import { RAW_HOST, readToEnd, upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

/** The options under which Node's HTTP server handles each call: an interceptor switches the fast path off. */
const BY_NODE: HarnessOptions = { deps: { interceptCallback: () => undefined } };

const post = (id: string, body: string, headers = ''): string =>
  [
    `POST /live/%40connections/${encodeURIComponent(id)} HTTP/1.1`,
    `Host: ${RAW_HOST}`,
    'Authorization: AWS4-HMAC-SHA256 Credential=x',
    `Content-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
  ].join('\r\n');

const last = (id: string): string => post(id, 'last', 'Connection: close\r\n');

/** The status, error type and body of each response on a connection. */
function answersIn(text: string): string[] {
  return text
    .split(/(?=HTTP\/1\.1 \d)/)
    .map((answer) =>
      [
        /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1],
        /x-amzn-errortype: (\w+)/i.exec(answer)?.[1],
        /x-amzn-requestid: \S+/i.test(answer) ? 'with id' : 'without id',
      ].join(' '),
    );
}

/** The results of the requests: each response, and what the addressed client received. */
async function outcome(harness: Harness, requests: (id: string) => readonly string[]) {
  const client = await openKnown(harness);
  const socket = await openRaw(harness);
  const text = readToEnd(socket);
  for (const part of requests(client.id)) {
    const written = new Promise((resolve) => socket.write(part, 'latin1', resolve));
    await written;
    // So that each part arrives as a separate chunk.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const answers = answersIn(await text);
  while (client.frames.at(-1) !== 'last') await once(client.ws, 'message');
  return { answers, frames: client.frames };
}

const UNKNOWN_ID = 'AAAAAAAAAAAAAAA=';
const OK = '200  with id';

describe('A plain post', () => {
  it('may come with others in one chunk: each is answered and delivered, in order', async () => {
    const harness = await startHarness();
    const bodies = Array.from({ length: 50 }, (_, index) => `message ${index}`);

    const { answers, frames } = await outcome(harness, (id) => [
      bodies.map((body) => post(id, body)).join('') + last(id),
    ]);

    expect(answers).toEqual(Array.from({ length: 51 }, () => OK));
    expect(frames).toEqual([...bodies, 'last']);
  });

  it.each<readonly [string, (id: string) => readonly string[]]>([
    ['of no bytes', (id) => [post(id, '') + last(id)]],
    ['of 130 bytes', (id) => [post(id, 'x'.repeat(130)) + last(id)]],
    ['of 70 KB in one write', (id) => [post(id, 'x'.repeat(70_000)) + last(id)]],
    ['for a client that is gone', (id) => [post(UNKNOWN_ID, 'a') + last(id)]],
    ['for what is no id', (id) => [post('no-id', 'a'), last(id)]],
    ['with a stray % in its id', (id) => [post('x', 'a').replace('%40connections/x', '%40connections/%'), last(id)]],
    ['that is unsigned', (id) => [post(id, 'a').replace(/Authorization.*\r\n/, ''), last(id)]],
    ['that is too large', (id) => [post(id, 'x'.repeat(128 * 1024 + 1)), last(id)]],
    ['whose body comes later', (id) => [post(id, 'body').slice(0, -4), 'body', last(id)]],
    ['whose head comes in two', (id) => [post(id, 'a').slice(0, 30), post(id, 'a').slice(30), last(id)]],
    [
      'with a chunked body',
      (id) => [
        post(id, '').replace('Content-Length: 0', 'Transfer-Encoding: chunked') + '3\r\nabc\r\n0\r\n\r\n' + last(id),
      ],
    ],
    ['without a length', (id) => [post(id, '').replace(/Content-Length.*\r\n/, '') + last(id)]],
    ['with another header that has its words', (id) => [post(id, 'a', 'X-Content-Length: 9\r\n') + last(id)]],
    ['with a query', (id) => [post(id, 'a').replace(' HTTP', '?a=b HTTP') + last(id)]],
    [
      'between calls of other kinds',
      (id) => [post(id, 'a'), post(id, '').replace('POST', 'GET'), post(id, 'b') + last(id)],
    ],
  ])('%s is answered as by a whole HTTP server', async (_what, requests) => {
    const [here, there] = [await startHarness(), await startHarness(BY_NODE)];

    const [quick, whole] = [await outcome(here, requests), await outcome(there, requests)];

    expect(quick).toEqual(whole);
  });

  it.each<readonly [string, (id: string) => string]>([
    ['with two lengths', (id) => post(id, 'ab', 'Content-Length: 1\r\n')],
    ['with a folded header', (id) => post(id, 'a', 'X-Folded: a\r\n b\r\n')],
    ['by HTTP/1.0', (id) => post(id, 'a').replace('HTTP/1.1', 'HTTP/1.0')],
    ['that asks for the end', last],
  ])('%s ends its socket as a whole HTTP server does', async (_what, request) => {
    const statuses: unknown[] = [];

    for (const harness of [await startHarness(), await startHarness(BY_NODE)]) {
      const client = await openKnown(harness);
      const socket = await openRaw(harness);
      socket.write(request(client.id));
      statuses.push((await readToEnd(socket)).split('\r\n')[0]);
    }

    expect(statuses[0]).toMatch(/^HTTP/);
    expect(statuses[0]).toBe(statuses[1]);
  });

  it.each<readonly [string, (id: string) => string]>([
    ['of another origin', (id) => post(id, 'a', 'Origin: https://example.com\r\n')],
    ['without an origin', (id) => post(id, 'a', 'Sec-Fetch-Site: cross-site\r\n')],
    ['that came by DNS rebinding', (id) => post(id, 'a').replace(RAW_HOST, 'evil.example')],
    [
      'that came by DNS rebinding to a longer name',
      (id) => post(id, 'a').replace(RAW_HOST, `${RAW_HOST}.evil.example`),
    ],
  ])('of a web page %s is refused, in one chunk too, and reaches nobody', async (_what, request) => {
    const harness = await startHarness();

    const { answers, frames } = await outcome(harness, (id) => [request(id), last(id)]);

    expect(answers).toEqual(['403 ForbiddenException without id', OK]);
    expect(frames).toEqual(['last']);
  });

  it('is answered after `100 Continue` when its client waits for that', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    const socket = await openRaw(harness);
    const text = readToEnd(socket);

    socket.write(
      post(client.id, '', 'Expect: 100-continue\r\nConnection: close\r\n').replace('Length: 0', 'Length: 2'),
    );
    await once(socket, 'data');
    socket.write('ab');

    expect((await text).split('\r\n')[0]).toBe('HTTP/1.1 100 Continue');
    expect(await client.next()).toBe('ab');
  });

  it('leaves its socket fit for everything else, an upgrade too', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    const socket = await openRaw(harness);

    socket.write(post(client.id, 'a'));
    await once(socket, 'data');
    socket.write(upgradeText());
    const [answer] = await once(socket, 'data');

    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('reads no more from a client that does not read its answers, and loses none', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    const socket = await openRaw(harness);
    const count = 20_000;
    socket.pause();

    socket.write(post(UNKNOWN_ID, '').repeat(count) + last(client.id));
    const answers = answersIn(await readToEnd(socket.resume()));

    expect(answers).toHaveLength(count + 1);
  });
});

describe('A socket that says nothing', () => {
  it('is closed after the time that headers may take', async () => {
    const harness = await startHarness({ limits: { headersTimeoutMs: 20 } });

    const text = await readToEnd(await openRaw(harness));

    expect(text).toBe('');
  });

  it('ends with the gateway, also after posts', async () => {
    const harness = await startHarness();
    const [silent, used] = [await openRaw(harness), await openRaw(harness)];
    used.write(post(UNKNOWN_ID, ''));
    await once(used, 'data');
    const ends = Promise.all([readToEnd(silent), readToEnd(used)]);

    await harness.gateway.close();

    expect(await ends).toEqual(['', '']);
  });
});
