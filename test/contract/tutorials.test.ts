import { contractTarget, unusedName } from '../helpers/contract-target.ts';

describe('the frames of the classic tutorials', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  test.each([
    ['Marko?', 'Polo!'],
    ['ping', 'pong'],
  ])('the plain text %s is answered with %s', async (text, answer) => {
    const client = await target.client();

    client.say(text);

    await expect(client.hear({ text: answer })).resolves.toBeDefined();
  });

  test('onMessage reaches everyone', async () => {
    const [sender, other] = [await target.client(['everyone']), await target.client(['everyone'])];
    await Promise.all([sender, other].map((client) => client.hear({ type: 'subscribed' })));
    const message = unusedName('hello');

    sender.say({ action: 'onMessage', message });

    for (const client of [sender, other]) {
      await expect(client.hear({ type: 'message', topic: 'everyone', data: message })).resolves.toBeDefined();
    }
  });

  test('the types subscribe, message and unsubscribe stand for the actions', async () => {
    const topic = unusedName('general');
    const [subscriber, publisher] = [await target.client(), await target.client()];

    subscriber.say({ type: 'subscribe', topic });
    await subscriber.hear({ type: 'subscribed', topic });
    publisher.say({ type: 'message', topic, message: 1 });
    const byMessage = await subscriber.hear({ type: 'message', topic, seq: 1 });
    publisher.say({ type: 'message', topic, data: { n: 2 }, id: 'm2' });
    const ack = await publisher.hear({ type: 'ack', id: 'm2' });
    const byData = await subscriber.hear({ type: 'message', topic, seq: 2 });
    subscriber.say({ type: 'unsubscribe', topic, id: 'u' });
    const left = await subscriber.hear({ type: 'ack', id: 'u' });

    expect(byMessage['data']).toBe(1);
    expect(byData['data']).toEqual({ n: 2 });
    expect(ack).toMatchObject({ action: 'publish', seq: 2 });
    expect(left).toMatchObject({ action: 'unsubscribe' });
  });

  test('a message without a topic goes to everyone', async () => {
    const client = await target.client(['everyone']);
    await client.hear({ type: 'subscribed' });
    const message = unusedName('no-topic');

    client.say({ type: 'message', message });

    await expect(client.hear({ type: 'message', topic: 'everyone', data: message })).resolves.toBeDefined();
  });
});

describe('limits of the connection', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  test('a binary frame closes the connection with 1003', async () => {
    const client = await target.client();

    client.socket.send(Buffer.from([1, 2, 3]));

    await expect(client.closed()).resolves.toMatchObject({ code: 1003 });
  });

  test.each([
    ['one frame over 32 KB', 33_000],
    ['a message over 128 KB', 132_000],
  ])('%s closes the connection with 1009', async (_, size) => {
    const client = await target.client();

    client.say('x'.repeat(size));

    await expect(client.closed()).resolves.toMatchObject({ code: 1009 });
  });

  test('a fragmented message over the frame limit is refused and not cut', async () => {
    const client = await target.client();
    const data = 'x'.repeat(20_000);

    client.socket.send(`{"action":"publish","topic":"a","data":"${data}`, { fin: false });
    client.socket.send(`${data}"}`, { fin: true });

    await expect(client.hear({ type: 'error' })).resolves.toMatchObject({ code: 'too-large' });
  });
});
