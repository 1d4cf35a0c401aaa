import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { type DoorRequest, type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { openTopics } from '../../../helpers/store-engine.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const CLOSES = { 'Stream-Closed': 'true' } as const;

const by = (epoch: number | string, seq: number | string, id = 'p') => ({
  'Producer-Id': id,
  'Producer-Epoch': String(epoch),
  'Producer-Seq': String(seq),
});

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

/** Creates a stream of JSON, and returns its topic. */
async function created(headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<string> {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers });
  return topic;
}

const post = (topic: string, body = '', headers: DoorRequest['headers'] = {}) =>
  door.ask('POST', topic, { headers: { ...JSON_TYPE, ...headers }, body });

const codeOf = ({ text }: { readonly text: string }): unknown => JSON.parse(text).code;

const contentOf = async (topic: string) => (await door.ask('GET', topic)).text;

describe('a producer', () => {
  it('counts each of its requests once, whatever is repeated', async () => {
    const topic = await created();

    const first = await post(topic, '0', by(0, 0));
    const repeated = await post(topic, '0', by(0, 0));
    const next = await post(topic, '1', by(0, 1));
    const old = await post(topic, '0', by(0, 0));

    expect([first, repeated, next, old].map(({ status }) => status)).toEqual([200, 204, 200, 204]);
    expect(first.headers).toMatchObject({ 'producer-epoch': '0', 'producer-seq': '0' });
    expect(old.headers).toMatchObject({ 'producer-epoch': '0', 'producer-seq': '1' });
    expect(await contentOf(topic)).toBe('[0,1]');
  });

  it('is told which request is missing', async () => {
    const topic = await created();
    await post(topic, '0', by(0, 0));

    expect(await post(topic, '3', by(0, 3))).toMatchObject({
      status: 409,
      headers: { 'producer-expected-seq': '1', 'producer-received-seq': '3' },
    });
    expect((await post(topic, '1', by(0, 1, 'q'))).headers).toMatchObject({ 'producer-expected-seq': '0' });
  });

  it('fences off its earlier epochs', async () => {
    const topic = await created();
    await post(topic, '0', by(1, 0));

    expect(await post(topic, '1', by(2, 1))).toMatchObject({ status: 400 });
    expect(await post(topic, '1', by(2, 0))).toMatchObject({ status: 200 });
    expect(await post(topic, '2', by(1, 1))).toMatchObject({ status: 403, headers: { 'producer-epoch': '2' } });
    expect(await contentOf(topic)).toBe('[0,1]');
  });

  it('is known to every Lambda: its repeat by another one counts once', async () => {
    const topic = await created();
    await post(topic, '0', by(0, 0));

    const other = await door.with({ streams: door.newStore() })('POST', topic, {
      headers: { ...JSON_TYPE, ...by(0, 0) },
      body: '0',
    });

    expect(other.status).toBe(204);
    expect(await contentOf(topic)).toBe('[0]');
  });

  it('begins in a topic that was only published to', async () => {
    const topic = newTopic();
    await openTopics(door.engine).publish({ topic, messages: ['0'] });
    await door.archive(topic);

    expect([(await post(topic, '1', by(0, 0))).status, (await post(topic, '1', by(0, 0))).status]).toEqual([200, 204]);
    expect(await contentOf(topic)).toBe('[0,1]');
  });

  it('finds no room beside too many others, and takes the place of one that is silent for long', async () => {
    const topic = await created();
    for (let i = 0; i < STORE_BOUNDS.PRODUCERS; i += 1) await post(topic, `${i}`, by(0, 0, `p${i}`));

    const refused = await post(topic, '"late"', by(0, 0, 'late'));
    door.skip(STORE_BOUNDS.PRODUCER_MS + 1_000);
    const taken = await post(topic, '"late"', by(0, 0, 'late'));

    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect(taken.status).toBe(200);
    expect([...((await door.deps.streams.find(topic))?.producers ?? new Map()).keys()]).not.toContain('p0');
  });
});

describe('closing a stream', () => {
  it('with its last message is one write: nothing comes after it', async () => {
    const topic = await created();

    const closed = await post(topic, '"the end"', CLOSES);
    const late = await post(topic, '1');

    expect(closed).toMatchObject({ status: 204, headers: { 'stream-closed': 'true' } });
    expect(late).toMatchObject({
      status: 409,
      headers: { 'stream-closed': 'true', 'stream-next-offset': closed.headers['stream-next-offset'] },
    });
    expect(codeOf(late)).toBe('closed');
    expect(await contentOf(topic)).toBe('["the end"]');
  });

  it('without a message needs no content type, and may be repeated', async () => {
    const topic = await created();
    await post(topic, '1');

    const [first, again] = [
      await door.ask('POST', topic, { headers: CLOSES }),
      await door.ask('POST', topic, { headers: CLOSES }),
    ];

    expect([first.status, again.status]).toEqual([204, 204]);
    expect(first.headers['stream-next-offset']).toMatch(/_0{15}1$/);
    expect((await door.ask('HEAD', topic)).headers['stream-closed']).toBe('true');
  });

  it('by a producer is repeated by the same request alone', async () => {
    const topic = await created();
    const closing = { ...CLOSES, ...by(0, 0) };

    const first = await post(topic, '1', closing);
    const again = await post(topic, '1', closing);
    const other = await post(topic, '2', { ...CLOSES, ...by(0, 1) });

    expect([first.status, again.status, other.status]).toEqual([200, 204, 409]);
    expect(again.headers).toMatchObject({ 'producer-seq': '0', 'stream-closed': 'true' });
  });

  it('is known to every Lambda, also to one that remembers the stream as open', async () => {
    const topic = await created();
    const other = door.with({ streams: door.newStore() });
    await other('POST', topic, { headers: JSON_TYPE, body: '1' });
    await post(topic, '', CLOSES);

    expect((await other('POST', topic, { headers: JSON_TYPE, body: '2' })).status).toBe(409);
    expect(await contentOf(topic)).toBe('[1]');
  });

  it('refuses a publish by the socket as well', async () => {
    const topic = await created();
    await post(topic, '1', CLOSES);

    await expect(openTopics(door.engine).publish({ topic, messages: ['2'] })).rejects.toMatchObject({
      code: 'topic-closed',
    });
  });
});
