import { contractTarget, unusedName } from '../helpers/contract-target.ts';

describe('connecting', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  test('a client that names no topics is subscribed to everyone and to the global counter', async () => {
    const client = await target.open();

    const everyone = await client.hear({ type: 'subscribed', topic: 'everyone' });
    const counter = await client.hear({ type: 'subscribed', topic: 'counter:global-counter' });

    expect(everyone).toMatchObject({ recovered: true, messages: [] });
    expect(counter).toMatchObject({ recovered: true });
    await client.close();
  });

  test('a client names its topics in the URL, instead of the default ones', async () => {
    const [first, second] = [unusedName('url'), unusedName('url')];

    const client = await target.client([first, second]);

    await client.hear({ type: 'subscribed', topic: first });
    await client.hear({ type: 'subscribed', topic: second });
    await expect(client.ask({ action: 'ping' })).resolves.toMatchObject({ type: 'pong' });
    expect(client.heard.filter(({ topic }) => topic === 'everyone')).toEqual([]);
  });

  test('a client may name each topic in a separate parameter', async () => {
    const [first, second, third] = [unusedName('url'), unusedName('url'), unusedName('url')];

    const client = await target.open(`?topics=${first}&topics=${second},${third}`);

    for (const topic of [first, second, third]) await client.hear({ type: 'subscribed', topic });
    await expect(client.ask({ action: 'ping' })).resolves.toMatchObject({ type: 'pong' });
    expect(client.heard.filter(({ type }) => type === 'subscribed')).toHaveLength(3);
    await client.close();
  });

  test('a client names its position in a topic in the URL, and gets what it missed', async () => {
    const topic = unusedName('url');
    const publisher = await target.client([]);
    const first = await publisher.ask({ action: 'publish', topic, data: 'seen' });
    await publisher.ask({ action: 'publish', topic, data: 'missed' });

    const client = await target.open(`?topics=${topic}@${String(first['epoch'])}:1&batch=true`);

    const subscribed = await client.hear({ type: 'subscribed', topic });
    expect(subscribed).toMatchObject({ seq: 2, recovered: true, messages: [{ seq: 2, data: 'missed' }] });
    await client.close();
  });

  test('an empty list of topics subscribes to none', async () => {
    const client = await target.client([]);

    await client.ask({ action: 'ping' });

    expect(client.heard.filter(({ type }) => type === 'subscribed')).toEqual([]);
  });

  test.each([['a b'], ['/lead'], ['x'.repeat(129)], ['news*'], ['*'], ['counter:*'], ['counter:']])(
    'a URL with the bad topic %p is refused with 400',
    async (topic) => {
      const attempt = target.open(`?topics=${encodeURIComponent(topic)}`);

      await expect(attempt).rejects.toThrow('400');
    },
  );

  test.each(['batch=1', 'topics[]=a', 'TOPICS=a', 'topics=a&presence=true'])(
    'a URL with the query %p is refused with 400: a misspelt option must not pass in silence',
    async (query) => {
      await expect(target.open(`?${query}`)).rejects.toThrow('400');
    },
  );

  test('a client that offers the subprotocol distributary.v1 gets it in the answer', async () => {
    const client = await target.open('?topics=', ['distributary.v1']);

    expect(client.socket.protocol).toBe('distributary.v1');
    await client.close();
  });

  test('a client that disconnects gets nothing more, and a client that stays gets everything', async () => {
    const topic = unusedName('leave');
    const [leaver, stayer] = [await target.client([topic]), await target.client([topic])];
    await Promise.all([leaver, stayer].map((client) => client.hear({ type: 'subscribed', topic })));

    await leaver.close();
    const ack = await stayer.ask({ action: 'publish', topic, data: 'still here' });
    const message = await stayer.hear({ type: 'message', topic });

    expect(message).toMatchObject({ seq: ack['seq'], data: 'still here' });
    expect(leaver.heard.filter(({ type }) => type === 'message')).toEqual([]);
  });
});
