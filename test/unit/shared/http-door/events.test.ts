import { createRefusable, whileWaiting } from '../../../helpers/door-readers.ts';
import { type DoorAnswer, type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const CLOSES = { 'Stream-Closed': 'true' } as const;

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

async function created(body = '', contentType = 'application/json') {
  const topic = newTopic();
  const { headers } = await door.ask('PUT', topic, { headers: { 'Content-Type': contentType }, body });
  return { topic, offset: headers['stream-next-offset'] ?? '' };
}

const append = (topic: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  door.ask('POST', topic, { headers: { ...JSON_TYPE, ...headers }, body });

describe('server-sent events', () => {
  const sse = (offset: string, more = '') => ({ query: `offset=${offset}&live=sse${more}` });

  async function textOf({ body }: DoorAnswer): Promise<string> {
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) throw new Error('no events');
    let text = '';
    for await (const part of body) text += part;
    return text;
  }

  /** Returns the events of an answer: the name and the data of each. */
  const eventsOf = async (answer: DoorAnswer) =>
    (await textOf(answer))
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event): readonly [string, string] => {
        const [name = '', ...lines] = event.split('\n');
        return [name.replace('event: ', ''), lines.map((line) => line.replace(/^data:/, '')).join('\n')];
      });

  it('begin with what is there, go on with what comes, and say where each ends', async () => {
    const { topic } = await created('1');

    const answer = await whileWaiting(door, () => append(topic, '[2,3]', CLOSES))('GET', topic, sse('-1'));
    const events = await eventsOf(answer);

    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    expect(events.map(([name]) => name)).toEqual(['data', 'control', 'data', 'control']);
    expect([events[0]?.[1], events[2]?.[1]]).toEqual(['[1]', '[2,3]']);
    expect(JSON.parse(events[1]?.[1] ?? '')).toMatchObject({ upToDate: true, streamCursor: expect.any(String) });
    expect(JSON.parse(events[3]?.[1] ?? '')).toEqual({
      streamNextOffset: expect.stringMatching(/_0{15}3$/),
      streamClosed: true,
      upToDate: true,
    });
  });

  it('end after their time with an offset from which the next request goes on', async () => {
    const { topic } = await created('1');
    const events = await eventsOf(await door.ask('GET', topic, sse('-1')));
    const { streamNextOffset } = JSON.parse(events.at(-1)?.[1] ?? '');
    await append(topic, '2', CLOSES);

    const following = await eventsOf(await door.ask('GET', topic, sse(streamNextOffset)));

    expect(events.map(([name]) => name)).toEqual(['data', 'control']);
    expect(following[0]).toEqual(['data', '[2]']);
  });

  it('begin with a control event where there is nothing', async () => {
    const { topic, offset } = await created('1');

    expect((await eventsOf(await door.ask('GET', topic, sse('now'))))[0]).toEqual([
      'control',
      expect.stringContaining(offset),
    ]);
  });

  it.each([
    ['is deleted', (topic: string) => door.ask('DELETE', topic)],
    [
      'is gone but for its forks',
      async (topic: string) => {
        await door.ask('PUT', newTopic(), { headers: { 'Stream-Forked-From': `/v1/stream/${topic}` } });
        await door.ask('DELETE', topic);
      },
    ],
  ])('end when the stream %s', async (_, end) => {
    const { topic } = await created('1');

    const events = await eventsOf(await whileWaiting(door, () => end(topic))('GET', topic, sse('-1')));

    expect(events.map(([name]) => name)).toEqual(['data', 'control']);
  });

  it('end before what came after the token’s permission ended', async () => {
    const { topic } = await created('1');
    const { admit, refuse } = createRefusable();
    const meanwhile = async () => {
      await append(topic, '"secret"');
      refuse();
    };

    const text = await textOf(await whileWaiting(door, meanwhile, { admit })('GET', topic, sse('-1')));

    expect(text).toContain('[1]');
    expect(text).not.toContain('secret');
  });

  it('carry text as it is, and no text ends an event or begins another', async () => {
    const text = 'a\n\nevent: control\r\ndata: {}\r  b';
    const { topic } = await created(text, 'text/plain');
    await door.ask('POST', topic, { headers: CLOSES });

    const answer = await door.ask('GET', topic, sse('-1'));
    const events = await eventsOf(answer);

    expect(answer.headers['stream-sse-data-encoding']).toBeUndefined();
    expect(events.map(([name]) => name)).toEqual(['data', 'control']);
    // A reader takes one space behind the colon away: the line that begins with two has three.
    expect(events[0]?.[1]).toBe('a\n\nevent: control\ndata: {}\n   b');
  });

  it('carry bytes as base64', async () => {
    const { topic } = await created('\u0000\u00ff', 'application/octet-stream');
    await door.ask('POST', topic, { headers: CLOSES });

    const answer = await door.ask('GET', topic, sse('-1'));

    expect(answer.headers['stream-sse-data-encoding']).toBe('base64');
    expect((await eventsOf(answer))[0]).toEqual(['data', Buffer.from('\u0000\u00ff').toString('base64')]);
  });

  it('are refused before they begin where their offset is void', async () => {
    const { topic } = await created('1');

    expect((await door.ask('GET', topic, sse('ffff_0000000000000001'))).status).toBe(410);
  });
});
