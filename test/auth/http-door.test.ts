import {
  authenticatedPort,
  authenticatedUrl,
  createTokenClients,
  EVERYTHING,
  tokenFor,
} from '../helpers/authenticated.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

const clients = createTokenClients();
afterAll(() => clients.cutAll());

interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly query?: string;
  /** Default: a token that permits everything. `null`: none. */
  readonly token?: string | null;
}

/** Sends a request for the stream of a topic. */
async function ask(topic: string, { method = 'GET', headers = {}, body, query = '', token }: Request = {}) {
  const bearer = token === undefined ? await tokenFor({ ...EVERYTHING, sub: 'reader' }) : token;
  const url = new URL(`/v1/stream/${topic}${query}`, authenticatedUrl().replace('ws:', 'http:'));
  return fetch(url, {
    method,
    headers: { ...headers, ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }) },
    ...(body === undefined ? {} : { body }),
  });
}

const create = (topic: string, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  ask(topic, { method: 'PUT', headers });

const append = (topic: string, body: string | undefined, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  ask(topic, { method: 'POST', headers, body });

describe('the HTTP door and the socket', () => {
  it('share a topic: what either publishes reaches the readers of both, under one numbering', async () => {
    const topic = unusedName('shared');
    const client = await clients.connectAs({ ...EVERYTHING, sub: 'ann' }, [topic]);
    await client.hear({ type: 'subscribed', topic });

    await client.ask({ action: 'publish', topic, data: 'by the socket' });
    await append(topic, '[{"by":"http"},2]');
    const heard = [
      await client.hear({ type: 'message', seq: 1 }),
      await client.hear({ type: 'message', seq: 2 }),
      await client.hear({ type: 'message', seq: 3 }),
    ];
    const read = await ask(topic);

    expect(heard.map(({ data, from }) => [data, from])).toEqual([
      ['by the socket', 'ann'],
      [{ by: 'http' }, 'reader'],
      [2, 'reader'],
    ]);
    expect(await read.json()).toEqual(['by the socket', { by: 'http' }, 2]);
    expect(read.headers.get('stream-next-offset')).toBe(`${String(heard[0]?.['epoch'])}_${'3'.padStart(16, '0')}`);
    expect(read.headers.get('cache-control')).toMatch(/^private/);
  });

  it('wake a long poll by a publish of the socket', async () => {
    const topic = unusedName('polled');
    const client = await clients.connectAs({ ...EVERYTHING, sub: 'ann' });
    await create(topic);

    const poll = ask(topic, { query: '?offset=now&live=long-poll' });
    // Published again until the poll has an answer: nobody knows when it has begun to wait.
    const answered = poll.then(() => true);
    while (!(await Promise.race([answered, client.ask({ action: 'publish', topic, data: 'news' }).then(() => false)])));
    const response = await poll;

    expect(response.status).toBe(200);
    expect(await response.json()).toContain('news');
  });

  it('send a text in pieces to a subscriber as texts, and refuse the socket’s publish to it', async () => {
    const topic = unusedName('tokens');
    const text = { 'Content-Type': 'text/plain' };
    await create(topic, text);
    const client = await clients.connectAs({ ...EVERYTHING, sub: 'ann' }, [topic]);
    await client.hear({ type: 'subscribed', topic });

    await append(topic, 'Once upon', text);
    await append(topic, ' a time', text);

    expect(
      [await client.hear({ type: 'message', seq: 1 }), await client.hear({ type: 'message', seq: 2 })].map(
        ({ data }) => data,
      ),
    ).toEqual(['Once upon', ' a time']);
    expect(await client.ask({ action: 'publish', topic, data: 1 })).toMatchObject({ type: 'error', code: 'bad-topic' });
    expect(await (await ask(topic)).text()).toBe('Once upon a time');
  });

  it.each([
    ['with its last message', '"the end"'],
    ['without another message', undefined],
  ])('tell subscribers that a topic is closed, %s', async (_, last) => {
    const topic = unusedName('closing');
    await create(topic);
    const [client, late] = [
      await clients.connectAs({ ...EVERYTHING, sub: 'ann' }, [topic]),
      await clients.connectAs(EVERYTHING),
    ];
    await client.hear({ type: 'subscribed', topic });
    await append(topic, '"begin"');

    await append(topic, last, { ...JSON_TYPE, 'Stream-Closed': 'true' });

    expect(await client.hear({ type: 'message', topic, closed: true })).toMatchObject({
      seq: last === undefined ? 1 : 2,
      data: last === undefined ? 'begin' : 'the end',
    });
    await late.ask({ action: 'subscribe', topic });
    expect(await late.hear({ type: 'subscribed', topic })).toMatchObject({ closed: true });
  });

  it('refuse a publish to a topic that was closed, with and without a key', async () => {
    const topic = unusedName('closed');
    await create(topic);
    const client = await clients.connectAs({ ...EVERYTHING, sub: 'ann' });
    await client.ask({ action: 'publish', topic, data: 1 });

    await append(topic, '"the end"', { ...JSON_TYPE, 'Stream-Closed': 'true' });

    const refused = { type: 'error', code: 'topic-closed' };
    expect(await client.ask({ action: 'publish', topic, data: 2 })).toMatchObject(refused);
    expect(await client.ask({ action: 'publish', topic, data: 2, key: 'k' })).toMatchObject(refused);
    expect(await (await ask(topic)).json()).toEqual([1, 'the end']);
  });

  it('let a publish put off the end of a stream with a TTL, and begin anew after it', async () => {
    const topic = unusedName('ending');
    await create(topic, { ...JSON_TYPE, 'Stream-Expires-At': new Date(Date.now() + 1_500).toISOString() });
    const client = await clients.connectAs({ ...EVERYTHING, sub: 'ann' });

    const first = await client.ask({ action: 'publish', topic, data: 1 });
    while ((await ask(topic, { method: 'HEAD' })).status === 200);
    const second = await client.ask({ action: 'publish', topic, data: 2, key: 'k' });

    expect([first, second]).toMatchObject([
      { type: 'ack', seq: 1 },
      { type: 'ack', seq: 1 },
    ]);
    expect(second['epoch']).not.toBe(first['epoch']);
    expect(await (await ask(topic)).json()).toEqual([2]);
  });
});

describe('a request to the HTTP door', () => {
  it.each(['sse', 'long-poll'])(
    'end a live read by %s before a message that comes after a revocation',
    async (live) => {
      const [topic, sub] = [unusedName('revoked'), unusedName('ann')];
      await create(topic);
      await append(topic, '["before"]');
      const token = await tokenFor({ ...EVERYTHING, sub });
      const permitted = await ask(topic, { token });
      const waiting = ask(topic, {
        token,
        query: `?offset=${permitted.headers.get('stream-next-offset')}&live=${live}`,
      });
      // The head of an event stream says that it has begun. A poll that has not begun by then is refused all the same.
      const begun = live === 'sse' ? await waiting : undefined;

      await runCommand(authenticatedPort(), 'revoke', '--sub', sub);
      await append(topic, '["after"]');
      const response = begun ?? (await waiting);
      const received = await response.text();

      expect(await permitted.json()).toEqual(['before']);
      expect(received).not.toContain('after');
      expect(response.status).toBe(live === 'sse' ? 200 : 403);
    },
  );

  it('needs a token, and one that permits what it does', async () => {
    const topic = unusedName('guarded');
    await create(topic);
    const reader = await tokenFor({ sub: 'r', subscribe: [topic] });
    const statusOf = async (request: Request) => (await ask(topic, request)).status;

    expect(await statusOf({ token: null })).toBe(401);
    expect(await statusOf({ token: 'no.token.here' })).toBe(401);
    expect(await statusOf({ token: reader })).toBe(200);
    expect(await statusOf({ token: reader, method: 'POST', headers: JSON_TYPE, body: '1' })).toBe(403);
    expect(await statusOf({ token: reader, method: 'DELETE' })).toBe(403);
  });
});
