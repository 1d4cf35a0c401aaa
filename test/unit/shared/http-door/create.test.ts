import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { openTopics } from '../../../helpers/store-engine.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const TEXT = { 'Content-Type': 'text/plain' } as const;

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

describe('a PUT', () => {
  it('creates a stream, and says where it is, where it ends and what it holds', async () => {
    const topic = newTopic();

    const created = await door.ask('PUT', topic, { headers: JSON_TYPE, body: '[1,{"a":2}]' });

    expect(created.status).toBe(201);
    expect(created.headers).toMatchObject({
      location: `https://door.example/v1/stream/${topic}`,
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(created.headers['stream-next-offset']).toMatch(/_0{15}2$/);
    expect((await door.ask('GET', topic)).text).toBe('[1,{"a":2}]');
  });

  it('makes a stream of bytes where it names no content type', async () => {
    const topic = newTopic();

    const created = await door.ask('PUT', topic, { body: new Uint8Array([0, 255, 128]) });
    const { body } = await door.ask('GET', topic);

    expect(created.headers['content-type']).toBe('application/octet-stream');
    expect(body).toEqual(Buffer.from([0, 255, 128]));
  });

  it('may be repeated with the same settings, and appends nothing then', async () => {
    const topic = newTopic();
    const request = { headers: { ...TEXT, 'Stream-TTL': '600' }, body: 'once' };
    const first = await door.ask('PUT', topic, request);

    const again = await door.ask('PUT', topic, {
      ...request,
      headers: { 'Content-Type': 'TEXT/plain; charset=utf-8', 'Stream-TTL': '600' },
    });

    expect([again.status, again.headers['location']]).toEqual([200, undefined]);
    expect(again.headers['stream-next-offset']).toBe(first.headers['stream-next-offset']);
    expect((await door.ask('GET', topic)).text).toBe('once');
  });

  it.each([
    ['another content type', { 'Content-Type': 'text/html' }],
    ['another TTL', { ...TEXT, 'Stream-TTL': '60' }],
    ['a time at which it ends', { ...TEXT, 'Stream-Expires-At': '2099-01-01T00:00:00Z' }],
    ['its end', { ...TEXT, 'Stream-Closed': 'true' }],
  ])('with %s is refused where the stream has none of this', async (_, headers) => {
    const topic = newTopic();
    await door.ask('PUT', topic, { headers: TEXT });

    expect(await door.ask('PUT', topic, { headers })).toMatchObject({ status: 409 });
  });

  it('takes the same time in another form for the same', async () => {
    const topic = newTopic();
    await door.ask('PUT', topic, { headers: { ...TEXT, 'Stream-Expires-At': '2099-01-01T00:00:00Z' } });

    const again = await door.ask('PUT', topic, {
      headers: { ...TEXT, 'Stream-Expires-At': '2099-01-01T01:00:00+01:00' },
    });

    expect(again.status).toBe(200);
  });

  it('creates a closed stream, which is whole', async () => {
    const topic = newTopic();

    const created = await door.ask('PUT', topic, { headers: { ...TEXT, 'Stream-Closed': 'TRUE' }, body: 'all' });
    const read = await door.ask('GET', topic);

    expect(created).toMatchObject({ status: 201, headers: { 'stream-closed': 'true' } });
    expect([read.text, read.headers['stream-closed']]).toEqual(['all', 'true']);
    expect((await door.ask('POST', topic, { headers: TEXT, body: 'more' })).status).toBe(409);
  });

  it.each([
    ['a TTL and a time', { 'Stream-TTL': '1', 'Stream-Expires-At': '2099-01-01T00:00:00Z' }],
    ['a TTL that begins with a zero', { 'Stream-TTL': '01' }],
    ['a TTL of more than a thousand years', { 'Stream-TTL': '31536000001' }],
    ['a time without a zone', { 'Stream-Expires-At': '2099-01-01T00:00:00' }],
    ['a day that is none', { 'Stream-Expires-At': '2099-13-01T00:00:00Z' }],
  ])('with %s is refused, and creates nothing', async (_, headers) => {
    const topic = newTopic();

    expect((await door.ask('PUT', topic, { headers: { ...TEXT, ...headers } })).status).toBe(400);
    expect((await door.ask('HEAD', topic)).status).toBe(404);
  });

  it('is refused for a topic that only a server creates, but for a back end that signs by IAM', async () => {
    const ask = door.with({ mayCreate: () => false });

    const asked = await ask('PUT', newTopic(), { headers: JSON_TYPE });
    const signed = await ask('PUT', newTopic(), { headers: JSON_TYPE, isSigned: true });

    expect([asked.status, signed.status]).toEqual([403, 201]);
  });

  it('confirms a topic that was only published to, which is a JSON stream', async () => {
    const topic = newTopic();
    await openTopics(door.engine).publish({ topic, messages: ['"by the socket"'] });

    const [confirmed, other] = [
      await door.ask('PUT', topic, { headers: JSON_TYPE }),
      await door.ask('PUT', topic, { headers: TEXT }),
    ];

    expect([confirmed.status, other.status]).toEqual([200, 409]);
    expect((await door.ask('GET', topic)).text).toBe('["by the socket"]');
  });
});

describe('a HEAD', () => {
  it('says where a stream ends, and its settings', async () => {
    const topic = newTopic();
    const created = await door.ask('PUT', topic, { headers: { ...JSON_TYPE, 'Stream-TTL': '600' }, body: '1' });

    const head = await door.ask('HEAD', topic);

    expect([head.status, head.body]).toEqual([200, undefined]);
    expect(head.headers).toMatchObject({
      'stream-next-offset': created.headers['stream-next-offset'],
      'content-type': 'application/json',
      'stream-ttl': '600',
      'cache-control': 'no-store',
    });
  });

  it('says when a stream ends, as its creator wrote it, and that it is closed', async () => {
    const topic = newTopic();
    const headers = { ...TEXT, 'Stream-Expires-At': '2099-01-01T01:00:00+01:00', 'Stream-Closed': 'true' };
    await door.ask('PUT', topic, { headers });

    expect((await door.ask('HEAD', topic)).headers).toMatchObject({
      'stream-expires-at': '2099-01-01T01:00:00+01:00',
      'stream-closed': 'true',
    });
  });
});

describe('a DELETE', () => {
  it('ends a stream: its messages are gone, and the name is free', async () => {
    const topic = newTopic();
    await door.ask('PUT', topic, { headers: TEXT, body: 'old' });

    const deleted = await door.ask('DELETE', topic);
    const [missed, again] = [await door.ask('GET', topic), await door.ask('DELETE', topic)];
    await door.ask('PUT', topic, { headers: JSON_TYPE, body: '"new"' });

    expect([deleted.status, missed.status, again.status]).toEqual([204, 404, 404]);
    expect((await door.ask('GET', topic)).text).toBe('["new"]');
  });

  it('makes the offsets of the deleted stream void', async () => {
    const topic = newTopic();
    const { headers } = await door.ask('PUT', topic, { headers: JSON_TYPE, body: '[1,2]' });
    await door.ask('DELETE', topic);
    await door.ask('PUT', topic, { headers: JSON_TYPE, body: '[3,4,5]' });

    expect((await door.ask('GET', topic, { query: `offset=${headers['stream-next-offset']}` })).status).toBe(410);
  });
});

describe('a request that no stream can have', () => {
  it.each(['counter:votes', 'a%zz', '', 'x'.repeat(129)])('is refused by its name: %s', async (name) => {
    expect((await door.ask('GET', name)).status).toBe(404);
  });

  it('is refused by its method, and told which there are', async () => {
    expect(await door.ask('PATCH', newTopic())).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, PUT, POST, DELETE' },
    });
  });
});
