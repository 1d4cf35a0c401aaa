import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { intercept } from '../../../helpers/intercept.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const TEXT = { 'Content-Type': 'text/plain' } as const;

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

/** Creates a stream with messages, each by a separate write, and returns its topic and its offsets. */
async function written(headers: Readonly<Record<string, string>>, ...messages: readonly string[]) {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers });
  const offsets: string[] = [];
  for (const body of messages) {
    const answer = await door.ask('POST', topic, { headers, body });
    offsets.push(answer.headers['stream-next-offset'] ?? '');
  }
  return { topic, offsets };
}

interface ForkOptions {
  readonly offset?: string | undefined;
  readonly subOffset?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Forks a stream, and returns the fork's topic and the answer. */
async function fork(source: string, { offset, subOffset, headers = {}, body = '' }: ForkOptions = {}) {
  const topic = newTopic();
  const answer = await door.ask('PUT', topic, {
    headers: {
      'Stream-Forked-From': `/v1/stream/${source}`,
      ...(offset === undefined ? {} : { 'Stream-Fork-Offset': offset }),
      ...(subOffset === undefined ? {} : { 'Stream-Fork-Sub-Offset': subOffset }),
      ...headers,
    },
    body,
  });
  return { topic, answer };
}

const contentOf = async (topic: string) => (await door.ask('GET', topic)).text;

const statusOf = async (topic: string, method = 'GET') => (await door.ask(method, topic)).status;

describe('a fork', () => {
  it('begins with its source’s messages, and goes its own way', async () => {
    const source = await written(JSON_TYPE, '1', '2', '3');

    const { topic, answer } = await fork(source.topic, { offset: source.offsets[1], body: '"own"' });
    await door.ask('POST', source.topic, { headers: JSON_TYPE, body: '4' });
    await door.ask('POST', topic, { headers: JSON_TYPE, body: '"more"' });

    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/json']);
    expect(await contentOf(topic)).toBe('[1,2,"own","more"]');
    expect(await contentOf(source.topic)).toBe('[1,2,3,4]');
  });

  it('shares its source’s offsets, so that a reader of the one goes on in the other', async () => {
    const source = await written(JSON_TYPE, '1', '2', '3');
    const { topic } = await fork(source.topic);

    expect((await door.ask('GET', topic, { query: `offset=${source.offsets[0]}` })).text).toBe('[2,3]');
  });

  it.each([
    ['without an offset', undefined, '[1,2]'],
    ['at `now`', 'now', '[1,2]'],
    ['at the start', '-1', '[]'],
  ])('%s has what is before it', async (_, offset, content) => {
    const source = await written(JSON_TYPE, '1', '2');

    expect(await contentOf((await fork(source.topic, { offset })).topic)).toBe(content);
  });

  it('cuts a publish of several messages at a message', async () => {
    const source = await written(JSON_TYPE, '[1,2,3]');

    const { topic } = await fork(source.topic, { offset: '-1', subOffset: '2' });

    expect(await contentOf(topic)).toBe('[1,2]');
  });

  it.each([
    ['inside of a piece', '4', 'abcd'],
    ['between two pieces', '3', 'abc'],
  ])('cuts bytes %s', async (_, subOffset, content) => {
    const source = await written(TEXT, 'abc', 'def');

    const { topic, answer } = await fork(source.topic, { offset: '-1', subOffset });
    await door.ask('POST', topic, { headers: TEXT, body: '!' });

    expect(answer.status).toBe(201);
    expect(await contentOf(topic)).toBe(`${content}!`);
    expect(await contentOf(source.topic)).toBe('abcdef');
  });

  it('may be asked for again with the same source and offset, and with no other', async () => {
    const source = await written(JSON_TYPE, '1', '2');
    const { topic } = await fork(source.topic, { offset: source.offsets[0] });
    const again = (offset: string | undefined) =>
      door.ask('PUT', topic, {
        headers: { 'Stream-Forked-From': `/v1/stream/${source.topic}`, 'Stream-Fork-Offset': offset ?? '' },
      });

    expect([(await again(source.offsets[0])).status, (await again(source.offsets[1])).status]).toEqual([200, 409]);
    expect((await door.deps.streams.find(source.topic))?.forks).toBe(1);
  });

  it('takes over the end of its source, or has its own', async () => {
    const source = await written({ ...JSON_TYPE, 'Stream-TTL': '600' }, '1');
    const deadline = '2099-01-01T00:00:00Z';
    const [same, own] = [
      await fork(source.topic),
      await fork(source.topic, { headers: { 'Stream-Expires-At': deadline } }),
    ];
    const [first, second] = [await door.ask('HEAD', same.topic), await door.ask('HEAD', own.topic)];

    expect(first.headers).toMatchObject({ 'stream-ttl': '600' });
    expect([second.headers['stream-ttl'], second.headers['stream-expires-at']]).toEqual([undefined, deadline]);
  });

  it('takes over its source’s time', async () => {
    const source = await written({ ...JSON_TYPE, 'Stream-Expires-At': '2099-01-01T00:00:00Z' }, '1');

    expect((await door.ask('HEAD', (await fork(source.topic)).topic)).headers['stream-expires-at']).toBe(
      '2099-01-01T00:00:00Z',
    );
  });

  it.each([
    ['of no stream', { source: 'nothing-here' }, 404],
    ['of a name that no stream can have', { source: 'counter:x' }, 404],
    ['with another content type', { headers: TEXT }, 409],
    ['behind the end', { offset: 'ffff_0000000000000009' }, 400],
    ['at what is no offset', { offset: 'here' }, 400],
    ['with a sub-offset and no offset', { subOffset: '1' }, 400],
    ['with a sub-offset that is no number', { offset: '-1', subOffset: '-1' }, 400],
    ['with a sub-offset past the messages', { offset: '-1', subOffset: '3' }, 400],
  ])('%s is refused', async (_, { source, ...options }: ForkOptions & { readonly source?: string }, status) => {
    const { topic } = await written(JSON_TYPE, '1', '2');

    const refused = await fork(source ?? topic, options);

    expect(refused.answer.status).toBe(status);
    expect(await statusOf(refused.topic)).toBe(404);
  });

  it('past the bytes of its source is refused', async () => {
    const { topic } = await written(TEXT, 'abc');

    expect((await fork(topic, { offset: '-1', subOffset: '4' })).answer.status).toBe(400);
  });

  it('that names no source is refused', async () => {
    const ask = (headers: Readonly<Record<string, string>>) => door.ask('PUT', newTopic(), { headers });

    expect((await ask({ ...TEXT, 'Stream-Fork-Offset': '-1' })).status).toBe(400);
    expect((await ask({ ...TEXT, 'Stream-Fork-Sub-Offset': '1' })).status).toBe(400);
  });

  it('of forks of forks reads through them all, up to a bound', async () => {
    let { topic } = await written(JSON_TYPE, '0');
    for (let depth = 1; depth <= HTTP_BOUNDS.SEGMENTS; depth += 1) {
      const next = await fork(topic, { body: String(depth) });
      expect(next.answer.status).toBe(201);
      topic = next.topic;
    }

    expect(await contentOf(topic)).toBe(JSON.stringify(Array.from({ length: HTTP_BOUNDS.SEGMENTS + 1 }, (_, i) => i)));
    expect((await fork(topic)).answer.status).toBe(400);
  });

  it('is refused where its source changes at the same moment', async () => {
    const source = await written(JSON_TYPE, '1');
    const client = door.engine.newClient();
    intercept(client, async ({ command, proceed }) => {
      if (command === 'TransactWriteItemsCommand') await door.ask('DELETE', source.topic);
      return proceed();
    });
    const ask = door.with({ streams: door.newStore({ client, unretriedClient: client }) });

    const refused = await ask('PUT', newTopic(), { headers: { 'Stream-Forked-From': `/v1/stream/${source.topic}` } });

    expect(refused.status).toBe(409);
  });
});

describe('a source that is deleted', () => {
  it('is gone for everybody but its forks, which read it on', async () => {
    const source = await written(JSON_TYPE, '1');
    const { topic } = await fork(source.topic, { body: '2' });

    const deleted = await statusOf(source.topic, 'DELETE');
    const statuses = await Promise.all(['GET', 'HEAD', 'DELETE'].map((method) => statusOf(source.topic, method)));
    const appended = await door.ask('POST', source.topic, { headers: JSON_TYPE, body: '3' });
    const created = await door.ask('PUT', source.topic, { headers: JSON_TYPE });

    expect([deleted, ...statuses]).toEqual([204, 410, 410, 410]);
    expect([appended.status, created.status]).toEqual([410, 409]);
    expect((await fork(source.topic)).answer.status).toBe(409);
    expect(await contentOf(topic)).toBe('[1,2]');
  });

  it('stays for a fork that is made at the same moment', async () => {
    const source = await written(JSON_TYPE, '1');
    const client = door.engine.newClient();
    let made = '';
    intercept(client, async ({ command, proceed }) => {
      if (command === 'UpdateItemCommand' && made === '') made = (await fork(source.topic)).topic;
      return proceed();
    });
    const ask = door.with({ streams: door.newStore({ client, unretriedClient: client }) });

    expect((await ask('DELETE', source.topic)).status).toBe(204);
    expect([await statusOf(source.topic), await contentOf(made)]).toEqual([410, '[1]']);
  });

  it('frees its name with its last fork, and so do the sources before it', async () => {
    const source = await written(JSON_TYPE, '1');
    const middle = await fork(source.topic);
    const last = await fork(middle.topic);
    const other = await fork(source.topic);
    await door.ask('DELETE', source.topic);
    await door.ask('DELETE', middle.topic);
    await door.ask('DELETE', last.topic);

    const whileForked = await statusOf(source.topic);
    await door.ask('DELETE', other.topic);

    expect([whileForked, await statusOf(source.topic), await statusOf(middle.topic)]).toEqual([410, 404, 404]);
    expect((await door.ask('PUT', source.topic, { headers: JSON_TYPE })).status).toBe(201);
  });
});
