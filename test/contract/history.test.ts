import { isDeepStrictEqual } from 'node:util';
import { contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';

describe('history', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  async function subscribed(topic: string): Promise<Dialogue> {
    const client = await target.client();
    client.say({ action: 'subscribe', topic });
    await client.hear({ type: 'subscribed', topic });
    return client;
  }

  test('older messages come page by page, each with the id of its request, beside live ones', async () => {
    const topic = unusedName('older');
    const [client, other] = [await subscribed(topic), await subscribed(topic)];
    const text = 'x'.repeat(10_000);
    for (let i = 1; i <= 7; i += 1) await other.ask({ action: 'publish', topic, data: { i, text } });
    const { epoch } = await client.hear({ type: 'message', seq: 7 });

    client.say({ action: 'subscribe', id: 'h1', topic, before: { epoch, seq: 8 }, history: 5 });
    const parts = [await client.hear({ type: 'history', id: 'h1' })];
    while (parts.at(-1)?.['more']) parts.push(await client.hear({ type: 'history', id: 'h1' }));
    const rest = await client.ask({ action: 'subscribe', topic, before: parts[0]?.['before'], history: 5 });
    await other.ask({ action: 'publish', topic, data: 'live' });
    const live = await client.hear({ type: 'message', seq: 8 });

    const seqsOf = (frame: Frame) => (frame['messages'] as Frame[]).map(({ seq }) => seq);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flatMap(seqsOf)).toEqual([3, 4, 5, 6, 7]);
    expect(parts.map(({ before }) => before)).toEqual(parts.map(() => ({ epoch, seq: 3 })));
    const messages = parts.flatMap((part) => part['messages'] as Frame[]);
    const isWhole = ({ data, ...frame }: Frame, i: number) =>
      isDeepStrictEqual(data, { i: i + 3, text }) && frame['topic'] === topic && frame['epoch'] === epoch;
    expect(messages.map(isWhole)).toEqual(messages.map(() => true));
    expect([rest['type'], seqsOf(rest), rest['before'], rest['lost']]).toEqual([
      'history',
      [1, 2],
      undefined,
      undefined,
    ]);
    expect(live).toMatchObject({ data: 'live' });
    expect(client.heard.filter(({ id, type }) => id === 'h1' && type !== 'history')).toEqual([]);
    expect(client.heard.filter(({ type }) => type === 'subscribed')).toHaveLength(1);
  });

  test('older messages that cannot be had are said to be lost, and those of a topic not followed are refused', async () => {
    const topic = unusedName('lost');
    const client = await subscribed(topic);
    const { epoch } = await client.ask({ action: 'publish', topic, data: 1 });

    const nobody = { epoch: null, seq: 0 };
    const none = await client.ask({ action: 'subscribe', topic, before: { epoch, seq: 1 }, history: 5 });
    const first = await client.ask({ action: 'subscribe', topic, before: nobody, history: 5 });
    const foreign = await client.ask({ action: 'subscribe', topic, before: { epoch: 'another', seq: 5 }, history: 5 });
    const refused = await client.ask({ action: 'subscribe', topic: `${topic}2`, before: nobody, history: 5 });

    for (const frame of [none, first]) {
      expect(frame).toEqual({ type: 'history', id: frame['id'], topic, messages: [] });
    }
    expect(foreign).toMatchObject({ type: 'history', messages: [], lost: true });
    expect(refused).toMatchObject({ type: 'error', code: 'not-subscribed', action: 'subscribe' });
  });
});
