import { contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';

const messagesOf = (client: Dialogue, topic: string): Frame[] =>
  client.heard.filter((frame) => frame['type'] === 'message' && frame['topic'] === topic);

describe('topics', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  async function subscribed(topic: string, fields: Frame = {}): Promise<Dialogue> {
    const client = await target.client();
    client.say({ action: 'subscribe', topic, ...fields });
    await client.hear((frame) => frame['type'] === 'subscribed' && frame['more'] === undefined);
    return client;
  }

  test('a publish reaches every subscriber, with its seq, and the sender gets an ack', async () => {
    const topic = unusedName('news');
    const [one, other] = [await subscribed(topic), await subscribed(topic)];

    const ack = await one.ask({ action: 'publish', topic, data: { headline: 'ä', n: [1, null] } });
    const frames = await Promise.all([one, other].map((client) => client.hear({ type: 'message', topic })));

    expect(ack).toMatchObject({ type: 'ack', action: 'publish', topic, seq: 1 });
    for (const frame of frames) {
      expect(frame).toMatchObject({ epoch: ack['epoch'], seq: 1, data: { headline: 'ä', n: [1, null] } });
      expect(String(frame['publishedAt'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });

  test('with echo false the sender does not get its own message, neither live nor when it catches up', async () => {
    const topic = unusedName('others');
    const [sender, other] = [await subscribed(topic), await subscribed(topic)];

    await sender.ask({ action: 'publish', topic, data: 'not to me', echo: false });
    await sender.ask({ action: 'publish', topic, data: 'to all' });
    await sender.hear({ type: 'message', seq: 2 });
    await other.hear({ type: 'message', seq: 2 });
    sender.say({ action: 'subscribe', topic, history: 10 });
    const again = await sender.hear({ type: 'subscribed', seq: 2 });

    expect(messagesOf(sender, topic).map(({ data }) => data)).toEqual(['to all']);
    expect(messagesOf(other, topic).map(({ data }) => data)).toEqual(['not to me', 'to all']);
    expect(again['messages']).toMatchObject([{ seq: 2, data: 'to all' }]);
  });

  test('the messages of one publish come in order, each with its seq, live and in a catch-up; or none does', async () => {
    const topic = unusedName('at-once');
    const [single, batched] = [await subscribed(topic), await subscribed(topic, { batch: true })];

    await single.ask({ action: 'publish', topic, data: 'before' });
    const frame = { action: 'publish', topic, messages: ['a', { b: [1] }, null], key: 'one-key' };
    const [ack, again] = await Promise.all([single.ask(frame), single.ask(frame)]);
    const refused = await single.ask({ action: 'publish', topic, messages: ['x', 'y'.repeat(28_700)] });
    await single.ask({ action: 'publish', topic, data: 'after' });
    await single.hear({ type: 'message', seq: 5 });
    const late = await subscribed(topic, { history: 3 });
    const followed = await subscribed(topic, { position: { epoch: ack['epoch'], seq: 2 } });

    const whole = ['before', 'a', { b: [1] }, null, 'after'];
    expect(ack).toMatchObject({ type: 'ack', seq: 4 });
    expect(again).toMatchObject({ epoch: ack['epoch'], seq: 4 });
    expect(refused).toMatchObject({ type: 'error', code: 'too-large' });
    expect(messagesOf(single, topic).map(({ seq, data }) => [seq, data])).toEqual(
      whole.map((data, index) => [index + 1, data]),
    );
    const frames = batched.heard.flatMap((each) => (each['type'] === 'batch' ? (each['frames'] as Frame[]) : [each]));
    expect(frames.filter(({ type }) => type === 'message').map(({ data }) => data)).toEqual(whole);
    expect(late.heard.at(-1)?.['messages']).toMatchObject([{ seq: 3 }, { seq: 4 }, { seq: 5 }]);
    expect(followed.heard.at(-1)?.['messages']).toMatchObject([{ seq: 3 }, { seq: 4 }, { seq: 5 }]);
  });

  test('the same key publishes once', async () => {
    const topic = unusedName('once');
    const client = await subscribed(topic);

    const [first, second] = await Promise.all([
      client.ask({ action: 'publish', topic, data: 1, key: 'same' }),
      client.ask({ action: 'publish', topic, data: 1, key: 'same' }),
    ]);
    const next = await client.ask({ action: 'publish', topic, data: 2 });
    await client.hear({ type: 'message', seq: 2 });

    expect(second).toMatchObject({ seq: first['seq'], epoch: first['epoch'] });
    expect(next['seq']).toBe(2);
    expect(messagesOf(client, topic).map(({ seq, data }) => [seq, data])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('history returns the last messages, a position everything after it', async () => {
    const topic = unusedName('past');
    const publisher = await subscribed(topic);
    const acks: Frame[] = [];
    for (let i = 1; i <= 5; i++) acks.push(await publisher.ask({ action: 'publish', topic, data: i }));
    await publisher.hear({ type: 'message', seq: 5 });
    const epoch = acks[0]?.['epoch'];

    const client = await target.client();
    const ask = async (fields: Frame): Promise<Frame> => {
      client.say({ action: 'subscribe', topic, ...fields });
      return client.hear({ type: 'subscribed' });
    };
    const history = await ask({ history: 2 });
    const after = await ask({ position: { epoch, seq: 1 } });
    const nothing = await ask({ position: { epoch, seq: 5 } });
    const otherLife = await ask({ position: { epoch: 'other', seq: 1 } });

    expect(history).toMatchObject({ recovered: true, seq: 5, messages: [{ data: 4 }, { data: 5 }] });
    expect(after).toMatchObject({
      recovered: true,
      seq: 5,
      messages: [{ seq: 2 }, { seq: 3 }, { seq: 4 }, { seq: 5 }],
    });
    expect(nothing).toMatchObject({ recovered: true, seq: 5, messages: [] });
    expect(otherLife).toMatchObject({ recovered: false, epoch, seq: 5, messages: [] });
  });

  test('an answer that does not fit one frame comes in several, in order', async () => {
    const topic = unusedName('large');
    const publisher = await subscribed(topic);
    const data = 'x'.repeat(12_000);
    for (let i = 1; i <= 5; i++) await publisher.ask({ action: 'publish', topic, data });
    await publisher.hear({ type: 'message', seq: 5 });

    const client = await target.client();
    client.say({ action: 'subscribe', topic, position: { epoch: null, seq: 0 } });
    await client.hear((frame) => frame['type'] === 'subscribed' && frame['more'] === undefined);

    const frames = client.heard.filter(({ type }) => type === 'subscribed');
    const seqs = frames
      .flatMap((frame) => (Array.isArray(frame['messages']) ? frame['messages'] : []))
      .map(({ seq }) => seq);
    expect(frames.map(({ more, seq }) => [more, seq])).toEqual([
      [true, 2],
      [true, 4],
      [undefined, 5],
    ]);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
  });

  test('after unsubscribe nothing more comes', async () => {
    const topic = unusedName('bye');
    const [client, witness] = [await subscribed(topic), await subscribed(topic)];

    await expect(client.ask({ action: 'unsubscribe', topic })).resolves.toMatchObject({ type: 'ack', topic });
    await witness.ask({ action: 'publish', topic, data: 'too late' });
    await witness.hear({ type: 'message', topic });

    expect(messagesOf(client, topic)).toEqual([]);
  });

  test('6 publishers send 240 messages at once: a subscriber gets every seq once, in order, without holes', async () => {
    const topic = unusedName('flood');
    const subscriber = await subscribed(topic);
    const publishers = await Promise.all(Array.from({ length: 6 }, () => target.client()));

    for (const [p, publisher] of publishers.entries()) {
      for (let i = 0; i < 40; i++) publisher.say({ action: 'publish', topic, data: { p, i } });
    }
    await subscriber.hear({ type: 'message', topic, seq: 240 });

    expect(messagesOf(subscriber, topic).map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, i) => i + 1));
    const sent = messagesOf(subscriber, topic).map(({ data }) => JSON.stringify(data));
    expect(new Set(sent).size).toBe(240);
  });

  test('a subscriber that asked for batch gets every message once, in order, in batches or single', async () => {
    const topic = unusedName('batch');
    const subscriber = await subscribed(topic, { batch: true });
    const publisher = await target.client();

    for (let i = 0; i < 60; i++) publisher.say({ action: 'publish', topic, data: i });
    const framesIn = (frame: Frame): Frame[] => (Array.isArray(frame['frames']) ? frame['frames'] : [frame]);
    await subscriber.hear((frame) => framesIn(frame).some(({ seq }) => seq === 60));

    const seqs = subscriber.heard
      .flatMap(framesIn)
      .filter(({ type }) => type === 'message')
      .map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  test('a ping brings the missing messages if its positions are behind, and only then', async () => {
    const topic = unusedName('ping');
    const client = await subscribed(topic);
    const ack = await client.ask({ action: 'publish', topic, data: 'one' });
    await client.hear({ type: 'message', topic });

    // Answered before the next is sent: API Gateway keeps no order between two frames.
    await client.ask({ action: 'ping', positions: { [topic]: { epoch: ack['epoch'], seq: 1 } } });
    client.say({ action: 'ping', id: 'behind', positions: { [topic]: { epoch: ack['epoch'], seq: 0 } } });
    await client.hear({ type: 'pong', id: 'behind' });
    const caughtUp = await client.hear({ type: 'subscribed', topic });

    expect(caughtUp).toMatchObject({ recovered: true, seq: 1, messages: [{ seq: 1, data: 'one' }] });
    expect(client.heard.filter(({ type }) => type === 'subscribed')).toHaveLength(2);
  });

  test('a connection may be subscribed to 100 topics; the next is refused until it unsubscribes from one', async () => {
    const name = unusedName('many');
    const topics = Array.from({ length: 100 }, (_, i) => `${name}/${i}`);
    const client = await target.client(topics);

    const refused = await client.ask({ action: 'subscribe', topic: `${name}/100` });
    const again = await client.ask({ action: 'subscribe', topic: `${name}/5` });
    await client.ask({ action: 'unsubscribe', topic: `${name}/5` });
    const accepted = await client.ask({ action: 'subscribe', topic: `${name}/100` });

    expect(refused).toMatchObject({ type: 'error', code: 'too-many-topics' });
    expect(again).toMatchObject({ type: 'ack' });
    expect(accepted).toMatchObject({ type: 'ack' });
  });
});
