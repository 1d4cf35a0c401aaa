import { contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { comesAfter, isList, newcomersOf } from '../helpers/presence-frames.ts';

/** The first segment of all topics here: the first subscriber of a new one waits for its answer. */
const ROOT = unusedName('wild');

const NOWHERE = { epoch: null, seq: 0 };

const messagesOf = (client: Dialogue): Frame[] => client.heard.filter(({ type }) => type === 'message');

describe('a wildcard', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  async function subscribed(topic: string, fields: Frame = {}): Promise<Dialogue> {
    const client = await target.client();
    client.say({ action: 'subscribe', topic, ...fields });
    await client.hear({ type: 'subscribed', topic });
    return client;
  }

  const publish = (client: Dialogue, topic: string, data: unknown): Promise<Frame> =>
    client.ask({ action: 'publish', topic, data });

  test('brings the messages of all topics under it, at any depth, in order and under their own names', async () => {
    const name = `${ROOT}/${unusedName('deep')}`;
    const client = await subscribed(`${name}/*`);
    const publisher = await target.client();

    const topics = ['a', 'b', 'a/x/y:z/1/2/3', 'a'].map((rest) => `${name}/${rest}`);
    for (const [index, topic] of topics.entries()) await publish(publisher, topic, index);
    for (const outside of [name, `${name}x/a`, `${ROOT}/other/a`]) await publish(publisher, outside, 'outside');
    for (const topic of topics) await client.hear({ type: 'message', topic });
    // The topics outside are of the same age: a broadcast of them is over by the time of a later message.
    await publish(publisher, `${name}/last`, 'last');
    await client.hear({ type: 'message', topic: `${name}/last` });

    const own = (topic: string | undefined) => messagesOf(client).filter((frame) => frame['topic'] === topic);
    expect(own(topics[0])).toMatchObject([
      { seq: 1, data: 0 },
      { seq: 2, data: 3 },
    ]);
    expect(own(topics[1])).toMatchObject([{ seq: 1, data: 1 }]);
    expect(own(topics[2])).toMatchObject([{ seq: 1, data: 2 }]);
    expect(messagesOf(client)).toHaveLength(5);
  });

  test('is answered without a position, and nothing that is published from then on is missed', async () => {
    const name = unusedName('first');
    const publisher = await target.client();
    await publish(publisher, `${name}/a`, 'before');
    // A broadcast Lambda knows by now that nobody has subscribed to a wildcard of this first segment.
    const client = await target.client();
    const ack = await client.ask({ action: 'subscribe', topic: `${name}/*` });

    const answer = await client.hear({ type: 'subscribed', topic: `${name}/*` });
    await publish(publisher, `${name}/a`, 'after');
    const message = await client.hear({ type: 'message', topic: `${name}/a`, data: 'after' });

    expect(ack).toMatchObject({ type: 'ack', action: 'subscribe', topic: `${name}/*` });
    expect(answer).toEqual({ type: 'subscribed', topic: `${name}/*`, ...NOWHERE, recovered: true, messages: [] });
    expect(message).toMatchObject({ seq: 2 });
  });

  test('misses nothing after its answer, while others publish all the time', async () => {
    const published = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const topic = `${unusedName('busy')}/a`;
        const [publisher, client] = [await target.client(), await target.client()];
        client.say({ action: 'subscribe', topic: topic.replace('/a', '/*') });
        const state = { isAnswered: false };
        const answered = client.hear({ type: 'subscribed' }).then(() => (state.isAnswered = true));
        const owed: unknown[] = [];
        while (owed.length < 5) {
          const { isAnswered } = state;
          const ack = await publish(publisher, topic, 'x');
          // A publish over the rate was refused.
          if (isAnswered && ack['type'] === 'ack') owed.push(ack['seq']);
        }
        await answered;
        await client.hear({ type: 'message', seq: owed.at(-1) });
        return { owed, seqs: messagesOf(client).map(({ seq }) => Number(seq)) };
      }),
    );

    for (const { owed, seqs } of published) {
      expect(seqs).toEqual(expect.arrayContaining(owed));
      expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other));
    }
  });

  test('brings each message once to a client that has subscribed to the topic and to several wildcards', async () => {
    const name = `${ROOT}/${unusedName('once')}`;
    const client = await subscribed(`${name}/a/*`);
    for (const topic of [`${name}/*`, `${name}/a/b`]) {
      client.say({ action: 'subscribe', topic });
      await client.hear({ type: 'subscribed', topic });
    }

    for (const data of [1, 2, 3]) await publish(client, `${name}/a/b`, data);
    await client.hear({ type: 'message', seq: 3 });

    expect(messagesOf(client).map(({ topic, seq }) => [topic, seq])).toEqual([
      [`${name}/a/b`, 1],
      [`${name}/a/b`, 2],
      [`${name}/a/b`, 3],
    ]);
  });

  test('sends several messages in one frame to a client that asked for it', async () => {
    const name = `${ROOT}/${unusedName('batch')}`;
    const client = await subscribed(`${name}/*`, { batch: true });

    await client.ask({ action: 'publish', topic: `${name}/a`, messages: [1, 2, 3] });
    const { frames } = await client.hear({ type: 'batch' });

    expect(frames).toMatchObject([1, 2, 3].map((seq) => ({ type: 'message', topic: `${name}/a`, seq })));
  });

  test('catches up in the topics whose positions the client names, and only in those', async () => {
    const name = `${ROOT}/${unusedName('positions')}`;
    const publisher = await subscribed(`${name}/*`);
    const acks = new Map<string, Frame>();
    for (const rest of ['a', 'b', 'c']) {
      for (const data of [1, 2, 3]) acks.set(rest, await publish(publisher, `${name}/${rest}`, data));
    }
    for (const rest of ['a', 'b', 'c']) await publisher.hear({ type: 'message', topic: `${name}/${rest}`, seq: 3 });
    const at = (rest: string, seq: number) => ({ epoch: acks.get(rest)?.['epoch'], seq });
    const client = await target.client();
    const positions = {
      [`${name}/a`]: at('a', 1),
      [`${name}/b`]: at('b', 3),
      [`${name}/d`]: { epoch: 'gone', seq: 7 },
    };

    client.say({ action: 'subscribe', topic: `${name}/*`, positions });
    await client.hear({ type: 'subscribed', topic: `${name}/*` });

    const answers = client.heard.filter(({ type, topic }) => type === 'subscribed' && topic !== `${name}/*`);
    expect(client.heard.at(-1)).toMatchObject({ type: 'subscribed', topic: `${name}/*` });
    expect(answers.toSorted((one, other) => String(one['topic']).localeCompare(String(other['topic'])))).toMatchObject([
      { topic: `${name}/a`, wildcard: `${name}/*`, seq: 3, recovered: true, messages: [{ seq: 2 }, { seq: 3 }] },
      { topic: `${name}/d`, ...NOWHERE, recovered: false, messages: [] },
    ]);
    expect(messagesOf(client)).toEqual([]);
  });

  test('catches up for the first subscriber of a new first segment, too', async () => {
    const name = unusedName('new-root');
    const publisher = await target.client([`${name}/a`]);
    await publisher.hear({ type: 'subscribed' });
    const { epoch } = await publish(publisher, `${name}/a`, 1);
    await publisher.hear({ type: 'message' });
    const client = await target.client();

    client.say({ action: 'subscribe', topic: `${name}/*`, positions: { [`${name}/a`]: { epoch, seq: 0 } } });
    const missed = await client.hear({ type: 'subscribed', topic: `${name}/a` });
    await client.hear({ type: 'subscribed', topic: `${name}/*` });

    expect(missed).toMatchObject({ wildcard: `${name}/*`, recovered: true, messages: [{ seq: 1, data: 1 }] });
  });

  test('answers a ping that names topics under it; one that names a lost wildcard is told so', async () => {
    const name = `${ROOT}/${unusedName('ping')}`;
    const client = await subscribed(`${name}/*`);
    const { epoch } = await publish(client, `${name}/a`, 1);
    await client.hear({ type: 'message' });

    client.say({ action: 'ping', positions: { [`${name}/*`]: NOWHERE, [`${name}/a`]: { epoch, seq: 0 } } });
    const missed = await client.hear({ type: 'subscribed', topic: `${name}/a` });
    client.say({ action: 'ping', positions: { [`${ROOT}/other/*`]: NOWHERE } });
    const error = await client.hear({ type: 'error' });

    expect(missed).toMatchObject({ seq: 1, recovered: true, messages: [{ seq: 1 }] });
    expect(error).toMatchObject({ code: 'not-subscribed', action: 'ping' });
  });

  test('ends with an unsubscribe, and other subscriptions stay', async () => {
    const name = `${ROOT}/${unusedName('end')}`;
    const client = await subscribed(`${name}/*`);
    client.say({ action: 'subscribe', topic: `${name}/kept` });
    await client.hear({ type: 'subscribed', topic: `${name}/kept` });

    const ack = await client.ask({ action: 'unsubscribe', topic: `${name}/*` });
    await publish(client, `${name}/a`, 'no');
    await publish(client, `${name}/kept`, 'yes');
    await client.hear({ type: 'message', topic: `${name}/kept` });

    expect(ack).toMatchObject({ type: 'ack', action: 'unsubscribe', topic: `${name}/*` });
    expect(messagesOf(client)).toHaveLength(1);
  });

  test('may stand in the URL, and counts as one of the topics of a connection', async () => {
    const name = `${ROOT}/${unusedName('url')}`;
    const topics = Array.from({ length: 99 }, (_, index) => `${index}`);
    const client = await target.client([`${name}/*`, ...topics]);
    await client.hear({ type: 'subscribed', topic: `${name}/*` });

    await publish(client, `${name}/a`, 1);
    const message = await client.hear({ type: 'message', topic: `${name}/a` });
    const refused = await client.ask({ action: 'subscribe', topic: `${name}/x/*` });
    await client.ask({ action: 'unsubscribe', topic: `${name}/*` });
    const accepted = await client.ask({ action: 'subscribe', topic: `${name}/x/*` });

    expect(message).toMatchObject({ seq: 1, data: 1 });
    expect(refused).toMatchObject({ code: 'too-many-topics' });
    expect(accepted).toMatchObject({ type: 'ack' });
  });

  test('is not a topic that can be published to, and has neither history nor presence', async () => {
    const client = await target.client();
    const topic = `${ROOT}/*`;

    const answers = [
      await client.ask({ action: 'publish', topic, data: 1 }),
      await client.ask({ action: 'subscribe', topic, history: 1 }),
      await client.ask({ action: 'subscribe', topic, presence: true }),
      await client.ask({ action: 'subscribe', topic: '*' }),
    ];

    expect(answers.map(({ code }) => code)).toEqual(['bad-topic', 'bad-frame', 'bad-frame', 'bad-topic']);
    expect(answers[1]).toMatchObject({ details: [{ path: 'history', reason: 'not allowed with a wildcard' }] });
  });

  test('is no member of the topics under it', async () => {
    const name = `${ROOT}/${unusedName('members')}`;
    const watcher = await target.client();
    watcher.say({ action: 'subscribe', topic: `${name}/a`, presence: true });
    const list = await watcher.hear(isList);

    await subscribed(`${name}/*`);
    await subscribed(`${name}/a`);
    const change = await watcher.hear(comesAfter(list));

    expect(change).toMatchObject({ topic: `${name}/a`, count: 2 });
    expect(newcomersOf(change, list)).toHaveLength(1);
  });
});
