import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { encodeItem } from '../../../../shared/store/attributes.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { archiveMessages } from '../../../../shared/store/messages.ts';
import { readSlice } from '../../../../shared/store/stream-messages.ts';
import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { openTopics } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const START = `${'0'.repeat(16)}_${'0'.repeat(16)}`;

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

/** Creates a stream with messages, each by a separate write, and returns its topic and its offsets. */
async function written(...messages: readonly string[]) {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers: JSON_TYPE });
  const offsets: string[] = [];
  for (const body of messages) {
    const { headers } = await door.ask('POST', topic, { headers: JSON_TYPE, body });
    offsets.push(headers['stream-next-offset'] ?? '');
  }
  return { topic, offsets };
}

const get = (topic: string, query = '', headers: Readonly<Record<string, string>> = {}) =>
  door.ask('GET', topic, { query, headers });

/** Makes a message of a topic one whose retention is over. */
const expire = (topic: string, seq: number) =>
  door.engine.client.send(new DeleteItemCommand({ TableName: TABLE_NAMES.messages, Key: encodeItem({ topic, seq }) }));

describe('a GET', () => {
  it('reads a stream from its start, and says that there is no more', async () => {
    const { topic, offsets } = await written('1', '[2,3]');

    const read = await get(topic);

    expect([read.status, read.text]).toEqual([200, '[1,2,3]']);
    expect(read.headers).toMatchObject({ 'stream-next-offset': offsets[1], 'stream-up-to-date': 'true' });
    expect(read.headers['stream-closed']).toBeUndefined();
  });

  it.each(['', 'offset=-1', `offset=${START}`])('begins at the start with %p', async (query) => {
    const { topic } = await written('1', '2');

    expect((await get(topic, query)).text).toBe('[1,2]');
  });

  it('goes on from each offset with what comes after it', async () => {
    const { topic, offsets } = await written('1', '2', '3');

    const texts = await Promise.all(offsets.map(async (offset) => (await get(topic, `offset=${offset}`)).text));

    expect(texts).toEqual(['[2,3]', '[3]', '[]']);
  });

  it('has offsets that sort as texts', async () => {
    const { offsets } = await written(...Array.from({ length: 11 }, (_, i) => `${i}`));

    expect(offsets.toSorted()).toEqual(offsets);
  });

  it('begins at the end with `now`, and nobody keeps that', async () => {
    const { topic, offsets } = await written('1');

    const read = await get(topic, 'offset=now');

    expect([read.status, read.text]).toEqual([200, '[]']);
    expect(read.headers).toMatchObject({ 'stream-next-offset': offsets[0], 'cache-control': 'no-store' });
  });

  it('of an empty stream has an offset from which its first message comes', async () => {
    const { topic } = await written();
    const { headers } = await get(topic);
    await door.ask('POST', topic, { headers: JSON_TYPE, body: '1' });

    expect(headers['stream-next-offset']).toBe(START);
    expect((await get(topic, `offset=${headers['stream-next-offset']}`)).text).toBe('[1]');
  });

  it.each([
    ['offset=nonsense', 400],
    ['offset=1&offset=2', 400],
    ['live=sse', 400],
    ['offset=-1&live=yes', 400],
    ['offset=ffff_0000000000000001', 410],
  ])('with %s gets %i', async (query, status) => {
    const { topic } = await written('1');

    expect((await get(topic, query)).status).toBe(status);
  });

  it('behind the end of the stream is refused', async () => {
    const { topic, offsets } = await written('1');

    expect((await get(topic, `offset=${offsets[0]?.replace(/1$/, '2')}`)).status).toBe(400);
  });

  it('of no stream, and of a counter’s topic, gets 404', async () => {
    await openTopics(door.engine).increment({ topic: 'counter:read', delta: 1 });

    expect([(await get(newTopic())).status, (await get('counter:read')).status]).toEqual([404, 404]);
  });

  it('gets what is too much for one answer in several, without a hole', async () => {
    const [topic, long] = [newTopic(), 'x'.repeat(25_000)];
    await door.ask('PUT', topic, { headers: JSON_TYPE });
    // Each body fits the door's own bound.
    for (let i = 0; i < 6; i += 1) {
      const body = JSON.stringify(Array.from({ length: 10 }, (_, j) => `${i}${j}${long}`));
      await door.ask('POST', topic, { headers: JSON_TYPE, body });
    }

    const first = await get(topic);
    const second = await get(topic, `offset=${first.headers['stream-next-offset']}`);

    expect(first.headers['stream-up-to-date']).toBeUndefined();
    expect(Buffer.byteLength(first.text)).toBeLessThan(HTTP_BOUNDS.ANSWER_BYTES * 1.1);
    expect(second.headers['stream-up-to-date']).toBe('true');
    const heads = [first, second].flatMap(({ text }) => (JSON.parse(text) as string[]).map((each) => each.slice(0, 2)));
    expect(heads).toEqual(Array.from({ length: 60 }, (_, i) => `${Math.floor(i / 10)}${i % 10}`));
  });
});

describe('messages that are not archived yet', () => {
  it('are waited for, so that no answer has a hole', async () => {
    const { topic } = await written('1');
    await door.askAlone('POST', topic, { headers: JSON_TYPE, body: '2' });
    const state = await door.deps.streams.find(topic);
    await door.askAlone('POST', topic, { headers: JSON_TYPE, body: '3' });

    const reading = get(topic);
    await archiveState(state);

    expect((await reading).text).toBe('[1,2,3]');
  });

  it('end the answer before them if they do not come, and the next one says to come again', async () => {
    const { topic, offsets } = await written('1');
    await door.askAlone('POST', topic, { headers: JSON_TYPE, body: '2' });
    await door.askAlone('POST', topic, { headers: JSON_TYPE, body: '3' });
    // The clock of the read alone is past its deadline at its second look.
    let looks = 0;
    const reading = { client: door.engine.client, table: TABLE_NAMES.messages };
    const now = () => Date.now() + (looks += 1) * STORE_BOUNDS.ARCHIVE_WAIT_MS;
    const ask = door.with({ readSlice: (state, range) => readSlice({ ...reading, now }, state, range) });

    const part = await ask('GET', topic);
    const none = await ask('GET', topic, { query: `offset=${offsets[0]}` });

    expect([part.text, part.headers['stream-next-offset']]).toEqual(['[1]', offsets[0]]);
    expect(part.headers['stream-up-to-date']).toBeUndefined();
    expect(none).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('are passed over once everything was archived or given up', async () => {
    const { topic } = await written('1');
    await door.askAlone('POST', topic, { headers: JSON_TYPE, body: '2' });
    await door.ask('POST', topic, { headers: JSON_TYPE, body: '3' });
    door.skip(STORE_BOUNDS.ARCHIVE_SETTLED_MS + 1_000);

    expect((await get(topic)).text).toBe('[1,3]');
  });

  async function archiveState(state: Awaited<ReturnType<typeof door.deps.streams.find>>): Promise<void> {
    await archiveMessages(
      { client: door.engine.client, table: TABLE_NAMES.messages },
      state?.newest ?? [],
      () => 3_600,
    );
  }
});

describe('messages that are no longer kept', () => {
  it('are left out from the start, and make the offsets before them void', async () => {
    const { topic, offsets } = await written('1', '2', '3', '4');
    await expire(topic, 1);
    await expire(topic, 2);

    const [whole, before, behind] = [
      await get(topic),
      await get(topic, `offset=${offsets[0]}`),
      await get(topic, `offset=${offsets[1]}`),
    ];

    expect([whole.status, whole.text]).toEqual([200, '[3,4]']);
    expect(before.status).toBe(410);
    expect([behind.status, behind.text]).toEqual([200, '[3,4]']);
  });
});

describe('caching', () => {
  it('asks again for the end of an open stream, by its tag', async () => {
    const { topic } = await written('1');

    const first = await get(topic);
    const same = await get(topic, '', { 'If-None-Match': first.headers['etag'] ?? '' });
    await door.ask('POST', topic, { headers: JSON_TYPE, body: '2' });
    const changed = await get(topic, '', { 'If-None-Match': first.headers['etag'] ?? '' });

    expect(first.headers['cache-control']).toBe('public, no-cache');
    expect([same.status, same.body, same.headers['etag']]).toEqual([304, undefined, first.headers['etag']]);
    expect([changed.status, changed.text]).toEqual([200, '[1,2]']);
  });

  it('changes the tag when the stream is closed, so that nobody misses its end', async () => {
    const { topic } = await written('1');
    const { headers } = await get(topic);
    await door.ask('POST', topic, { headers: { 'Stream-Closed': 'true' } });

    const closed = await get(topic, '', { 'If-None-Match': headers['etag'] ?? '' });

    expect([closed.status, closed.headers['stream-closed']]).toEqual([200, 'true']);
    expect(closed.headers['cache-control']).toMatch(/^public, max-age=60/);
  });

  it('has another tag for the same position of another stream of the name', async () => {
    const { topic } = await written('1');
    const before = await get(topic);
    await door.ask('DELETE', topic);
    await door.ask('PUT', topic, { headers: JSON_TYPE, body: '2' });

    const after = await get(topic, '', { 'If-None-Match': before.headers['etag'] ?? '' });

    expect([after.status, after.text]).toEqual([200, '[2]']);
  });

  it('is for the reader alone where the stack authenticates', async () => {
    const { topic } = await written('1');
    const ask = door.with({ admit: async () => ({ subject: 'ann', isPrivate: true }) });

    expect((await ask('GET', topic)).headers['cache-control']).toBe('private, no-cache');
    expect((await get(topic)).headers['cache-control']).toBe('public, no-cache');
  });
});
