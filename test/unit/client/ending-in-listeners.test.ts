import * as BOUNDS from '../../../client/src/bounds.ts';
import { FakeSockets, messageFrame, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';

describe('a listener that ends', () => {
  const live = async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const subscription = rt.subscribe('t');
    await socket.ack();
    socket.receive(subscribedFrame('t'));
    const seqs: number[] = [];
    return { fake, rt, socket, subscription, seqs };
  };

  it.each([
    ['its subscription', 'unsubscribe' as const],
    ['the client', 'close' as const],
  ])('%s gets no more messages of the same batch, and neither does another listener', async (_, end) => {
    const { rt, socket, subscription, seqs } = await live();
    const others: number[] = [];
    subscription.on('message', ({ seq }) => {
      seqs.push(seq);
      if (end === 'close') rt.close();
      else subscription.unsubscribe();
    });
    subscription.on('message', ({ seq }) => others.push(seq));

    socket.receive({ type: 'batch', frames: [1, 2, 3].map((seq) => messageFrame('t', seq)) });

    expect([seqs, others, subscription.state]).toEqual([[1], [], 'ended']);
    rt.close();
  });

  it.each(['close', 'disconnect'] as const)(
    'the client by %s stays so if the server then closes it for a flood',
    async (end) => {
      const { rt, socket, subscription } = await live();
      subscription.on('message', () => rt[end]());
      const flood = { type: 'error', code: 'rate-limited', message: 'Closed.', closing: true, retryAfterMs: 10_000 };

      socket.receive({ type: 'batch', frames: [messageFrame('t', 1), flood] });

      expect(rt.status).toBe(end === 'close' ? 'closed' : 'disconnected');
      rt.close();
    },
  );

  it.each([
    ['its subscription', 'unsubscribe' as const],
    ['the client', 'close' as const],
  ])('%s gets no more messages, and no other event, of the same answer', async (_, end) => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const subscription = rt.subscribe('t', { history: 3 });
    const told: unknown[] = [];
    subscription.on('message', ({ seq }) => {
      told.push(seq);
      if (end === 'close') rt.close();
      else subscription.unsubscribe();
    });
    for (const name of ['subscribed', 'recovered', 'gap', 'state'] as const) {
      subscription.on(name, (event) => told.push(name === 'state' ? event : name));
    }

    socket.receive(
      subscribedFrame(
        't',
        3,
        [1, 2, 3].map((seq) => messageFrame('t', seq)),
      ),
    );
    await settled();

    expect(told).toEqual([1, 'ended']);
    rt.close();
  });

  it('its subscription gets no more messages that were buffered, and the topic is not asked for again', async () => {
    const { fake, rt, socket, subscription, seqs } = await live();
    subscription.on('message', ({ seq }) => {
      seqs.push(seq);
      if (seq === 1) subscription.unsubscribe();
    });
    socket.receive(messageFrame('t', 3), messageFrame('t', 4), messageFrame('t', 6));
    await socket.ack();

    // The hole is filled in part: it would be asked for once more.
    socket.receive(
      subscribedFrame(
        't',
        2,
        [1, 2].map((seq) => messageFrame('t', seq)),
      ),
    );
    for (let round = 0; round < 3; round += 1) {
      fake.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
      socket.receive({ type: 'pong' });
    }

    expect(seqs).toEqual([1]);
    expect(socket.framesOf('subscribe', 'unsubscribe').map(({ action }) => action)).toEqual([
      'subscribe',
      'subscribe',
      'unsubscribe',
    ]);
    rt.close();
  });

  it('its subscription while a hole shows does not have the topic asked for again', async () => {
    const { fake, rt, socket, subscription } = await live();
    subscription.on('state', () => subscription.unsubscribe());

    socket.receive(messageFrame('t', 2));
    await socket.ack(socket.framesOf('unsubscribe')[0]);
    fake.clock.advance(2 * BOUNDS.SUBSCRIBE_RETRY_MS);

    expect(socket.sent.map(({ action }) => action)).toEqual(['subscribe', 'unsubscribe']);
    rt.close();
  });

  it('a counter gets no more values', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const votes = rt.counter('votes');
    const values: number[] = [];
    votes.on('change', (value) => {
      values.push(value);
      votes.unsubscribe();
    });
    const states = [1, 2].map((seq) => ({ type: 'state', counter: 'votes', value: seq, epoch: 'e', seq }));

    socket.receive({ type: 'batch', frames: states });
    void votes.increment().catch(() => undefined);

    expect(values).toEqual([1]);
    rt.close();
  });

  it('its registration is not called any more, not even for the event that is being emitted', async () => {
    const { rt, socket, subscription, seqs } = await live();
    let stopSecond = (): void => undefined;
    subscription.on('message', () => stopSecond());
    stopSecond = subscription.on('message', ({ seq }) => seqs.push(seq));

    socket.receive(messageFrame('t', 1));

    expect(seqs).toEqual([]);
    rt.close();
  });
});

describe('a status listener that closes the client', () => {
  it('lets no other one hear of an earlier status after that', () => {
    const fake = new FakeSockets();
    const rt = fake.connect();
    const statuses: string[] = [];
    rt.on('status', () => rt.close());
    rt.on('status', (status) => statuses.push(status));

    fake.socket.open();

    expect(statuses).toEqual(['closed']);
    expect(fake.clock.pending).toBe(0);
  });
});

describe('a function that is registered twice', () => {
  it('is called twice, and each registration ends itself', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const subscription = rt.subscribe('t');
    socket.receive(subscribedFrame('t'));
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    const stops = [subscription.on('message', listener), subscription.on('message', listener)];

    socket.receive(messageFrame('t', 1));
    stops[0]?.();
    stops[0]?.();
    socket.receive(messageFrame('t', 2));
    stops[1]?.();
    socket.receive(messageFrame('t', 3));

    expect(calls).toBe(3);
    rt.close();
  });
});
