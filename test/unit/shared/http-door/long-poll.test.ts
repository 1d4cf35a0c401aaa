import { createRefusable, whileWaiting } from '../../../helpers/door-readers.ts';
import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';

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

describe('a long poll', () => {
  const poll = (offset: string, more = '') => ({ query: `offset=${offset}&live=long-poll${more}` });

  it('has what is there at once', async () => {
    const { topic } = await created('[1,2]');

    const answer = await door.ask('GET', topic, poll('-1'));

    expect([answer.status, answer.text]).toEqual([200, '[1,2]']);
    expect(answer.headers).toMatchObject({
      'stream-up-to-date': 'true',
      'stream-cursor': expect.stringMatching(/^\d+$/),
    });
  });

  it('waits for the next message', async () => {
    const { topic, offset } = await created('1');

    const answer = await whileWaiting(door, () => append(topic, '2'))('GET', topic, poll(offset));

    expect([answer.status, answer.text]).toEqual([200, '[2]']);
    expect(answer.headers['stream-next-offset']).toMatch(/_0{15}2$/);
  });

  it('says after its time that there was nothing, and where to go on', async () => {
    const { topic, offset } = await created('1');

    const answer = await door.ask('GET', topic, poll(offset));

    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect(answer.headers).toMatchObject({
      'stream-next-offset': offset,
      'stream-up-to-date': 'true',
      'cache-control': 'no-store',
    });
  });

  it('has a cursor beyond the one that was sent, so that no cache answers the next one with this', async () => {
    const { topic } = await created('1');
    const first = await door.ask('GET', topic, poll('-1'));
    const cursor = first.headers['stream-cursor'];

    const second = await door.ask('GET', topic, poll('-1', `&cursor=${cursor}`));

    expect(Number(second.headers['stream-cursor'])).toBeGreaterThan(Number(cursor));
  });

  it('learns that the stream is closed while it waits, and at once when it is', async () => {
    const { topic, offset } = await created('1');

    const waited = await whileWaiting(door, () => append(topic, '', CLOSES))('GET', topic, poll(offset));
    const atOnce = await whileWaiting(door, () => Promise.reject(new Error('It waits.')))('GET', topic, poll(offset));

    expect([waited, atOnce].map(({ status, headers }) => [status, headers['stream-closed']])).toEqual([
      [204, 'true'],
      [204, 'true'],
    ]);
  });

  it('learns that the stream was deleted, or replaced, while it waits', async () => {
    const { topic, offset } = await created('1');
    const replace = async () => {
      await door.ask('DELETE', topic);
      await door.ask('PUT', topic, { headers: JSON_TYPE, body: '[8,9]' });
    };

    expect((await whileWaiting(door, replace)('GET', topic, poll(offset))).status).toBe(404);
  });

  it('learns that the stream is gone for everybody but its forks', async () => {
    const { topic, offset } = await created('1');
    await door.ask('PUT', newTopic(), { headers: { 'Stream-Forked-From': `/v1/stream/${topic}` } });

    expect((await whileWaiting(door, () => door.ask('DELETE', topic))('GET', topic, poll(offset))).status).toBe(410);
  });

  it('is refused what came after its token’s permission ended', async () => {
    const { topic, offset } = await created('1');
    const { admit, refuse } = createRefusable();
    const meanwhile = async () => {
      await append(topic, '2');
      refuse();
    };

    const answer = await whileWaiting(door, meanwhile, { admit })('GET', topic, poll(offset));

    expect([answer.status, JSON.parse(answer.text)]).toEqual([403, expect.objectContaining({ code: 'revoked' })]);
    expect(answer.text).not.toContain('[2]');
  });
});
