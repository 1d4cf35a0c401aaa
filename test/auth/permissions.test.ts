import { createTokenClients, EVERYTHING, type TokenClaims } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Frame } from '../helpers/dialogue.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

const NEWS = unusedName('news');
const TOPIC = `${NEWS}/a`;
const COUNTER = unusedName('votes');
const NOWHERE = { epoch: null, seq: 0 };

/** The frames that need a permission, each with the claims that permit it and nothing else. */
const FRAMES: readonly (readonly [frame: Frame, claims: Partial<TokenClaims>])[] = [
  [{ action: 'subscribe', topic: TOPIC }, { subscribe: [TOPIC] }],
  [{ action: 'subscribe', topic: TOPIC, history: 5 }, { subscribe: [`${NEWS}/*`] }],
  [{ action: 'subscribe', topic: TOPIC, position: NOWHERE }, { subscribe: ['*'] }],
  [
    { action: 'subscribe', topic: TOPIC, presence: true },
    { subscribe: [TOPIC], presence: [TOPIC] },
  ],
  [{ action: 'subscribe', topic: `counter:${COUNTER}` }, { subscribe: ['counter:*'] }],
  [{ action: 'publish', topic: TOPIC, data: 1 }, { publish: [`${NEWS}/*`] }],
  [{ action: 'onMessage', message: 1 }, { publish: ['everyone'] }],
  [{ action: 'plus', counter: COUNTER }, { count: [COUNTER] }],
  [{ action: 'minus', counter: COUNTER }, { count: [COUNTER] }],
  [{ action: 'plus' }, { count: ['global-counter'] }],
  [{ type: 'subscribe', topic: TOPIC }, { subscribe: [TOPIC] }],
  [{ type: 'message', topic: TOPIC, message: 1 }, { publish: [TOPIC] }],
  [{ type: 'message', message: 1 }, { publish: ['everyone'] }],
];

/** Returns claims that permit all other actions everywhere, and the actions of these claims for other names only. */
function allBut(claims: Partial<TokenClaims>): TokenClaims {
  const others = ['other', 'other/*', NEWS, `${TOPIC}/*`, `${TOPIC}b`, 'counter:other'];
  const rest = { subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'] };
  const withoutThem = Object.fromEntries(Object.keys(claims).map((action) => [action, others]));
  return { sub: 'ann', ...rest, ...withoutThem };
}

describe('a frame under a token', () => {
  test.each(FRAMES)('%j is taken with %j alone', async (frame, claims) => {
    const client = await clients.connectAs({ sub: 'ann', ...claims });

    expect(await client.ask(frame)).toMatchObject({ type: 'ack' });
  });

  test.each(FRAMES)('%j is forbidden without permissions, and with all but %j', async (frame, claims) => {
    const none = await clients.connectAs({ sub: 'ann' });
    const others = await clients.connectAs(allBut(claims));

    const answers = [await none.ask(frame), await others.ask(frame)];

    for (const answer of answers) {
      expect(answer).toMatchObject({
        type: 'error',
        code: 'forbidden',
        message: expect.stringMatching(/does not permit (subscribe|publish|count|presence) on /),
        details: [
          { path: expect.stringMatching(/^(topic|counter)$/), reason: expect.stringContaining('not permitted') },
        ],
      });
    }
    for (const client of [none, others]) {
      expect(await client.ask({ action: 'ping' })).toMatchObject({ type: 'pong' });
      expect(client.heard).toHaveLength(2);
    }
  });

  test('a ping needs nothing, and its positions need the permission to subscribe', async () => {
    const client = await clients.connectAs({ sub: 'ann', subscribe: [TOPIC] });
    const positions = { [TOPIC]: NOWHERE };

    const answers = [
      await client.ask({ action: 'ping' }),
      await client.ask({ action: 'ping', positions }),
      await client.ask({ action: 'ping', positions: { ...positions, [`${NEWS}/b`]: NOWHERE } }),
    ];

    expect(answers).toMatchObject([{ type: 'pong' }, { type: 'pong' }, { type: 'error', code: 'forbidden' }]);
  });

  test('presence needs its permission beside that to subscribe', async () => {
    const frame = { action: 'subscribe', topic: TOPIC, presence: true };
    const subscriber = await clients.connectAs({ sub: 'ann', subscribe: [TOPIC] });
    const watcher = await clients.connectAs({ sub: 'ann', presence: [TOPIC] });

    const answers = [await subscriber.ask(frame), await watcher.ask(frame)];

    expect(answers).toMatchObject([
      { code: 'forbidden', message: expect.stringContaining('presence on') },
      { code: 'forbidden', message: expect.stringContaining('subscribe on') },
    ]);
    expect(subscriber.heard).toHaveLength(1);
  });

  test('older messages need the permission to subscribe, also where the topic is followed by others', async () => {
    const publisher = await clients.connectAs({ ...EVERYTHING, sub: 'pat' }, [TOPIC]);
    await publisher.hear({ type: 'subscribed' });
    const { epoch, seq } = await publisher.ask({ action: 'publish', topic: TOPIC, data: 'secret' });
    const stranger = await clients.connectAs({ sub: 'ann', subscribe: ['other'], publish: ['*'] });

    const before = { epoch, seq: Number(seq) + 1 };
    const refused = await stranger.ask({ action: 'subscribe', topic: TOPIC, before, history: 5 });
    const own = await publisher.ask({ action: 'subscribe', topic: TOPIC, before, history: 1 });

    expect(refused).toMatchObject({ type: 'error', code: 'forbidden' });
    expect(own).toMatchObject({ type: 'history', messages: [{ data: 'secret', from: 'pat' }] });
    expect(JSON.stringify(stranger.heard)).not.toContain('secret');
  });

  test('topics of the URL are subscribed to where they are permitted, and one error names the others', async () => {
    const topics = [TOPIC, unusedName('other'), unusedName('other')];
    const client = await clients.connectAs({ sub: 'ann', subscribe: [TOPIC] }, topics);

    await client.hear({ type: 'subscribed', topic: TOPIC });
    const refused = await client.hear({ type: 'error' });
    await client.ask({ action: 'ping' });

    expect(refused).toMatchObject({ code: 'forbidden', topics: topics.slice(1) });
    expect(client.heard).toHaveLength(3);
  });
});

describe('the publisher of a message', () => {
  test('is the subject of the token, on each way to publish, and a client cannot set it', async () => {
    const topic = unusedName('from');
    const [ann, bob] = [unusedName('ann'), unusedName('bob')];
    const publisher = await clients.connectAs({ ...EVERYTHING, sub: ann });
    const reader = await clients.connectAs({ ...EVERYTHING, sub: bob }, [topic]);
    await reader.hear({ type: 'subscribed', topic });

    const forged = [
      await publisher.ask({ action: 'publish', topic, data: 0, from: bob }),
      await publisher.ask({ type: 'message', topic, message: 0, from: bob }),
    ];
    await publisher.ask({ action: 'publish', topic, data: { from: bob } });
    await publisher.ask({ type: 'message', topic, message: 2 });
    const live = [await reader.hear({ type: 'message' }), await reader.hear({ type: 'message' })];
    const late = await clients.connectAs({ ...EVERYTHING, sub: bob });
    late.say({ action: 'subscribe', topic, history: 5 });
    const { messages } = await late.hear({ type: 'subscribed' });

    for (const frame of forged) expect(frame).toMatchObject({ type: 'error', code: 'bad-frame' });
    expect(live).toMatchObject([
      { from: ann, data: { from: bob } },
      { from: ann, data: 2 },
    ]);
    expect(messages).toMatchObject([{ from: ann }, { from: ann }]);
  });
});

test('a key that another subject has used repeats nothing of its request', async () => {
  const topic = unusedName('keyed');
  const [ann, bob] = [unusedName('ann'), unusedName('bob')];
  const [first, second] = [
    await clients.connectAs({ ...EVERYTHING, sub: ann }),
    await clients.connectAs({ ...EVERYTHING, sub: bob }),
  ];

  const frame = { action: 'publish', topic, data: 1, key: 'k' };
  const answers = [await first.ask(frame), await second.ask(frame), await first.ask(frame)];

  expect(answers).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 1 }]);
});
