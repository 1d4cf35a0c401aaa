import * as BOUNDS from '../../../client/src/bounds.ts';
import type { ConnectOptions } from '../../../client/src/index.ts';
import { FakeSockets, type FakeSocket, messageFrame, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';

const messages = (...seqs: readonly number[]) => seqs.map((seq) => messageFrame('t', seq));
const before = { epoch: 'e', seq: 9 };

describe('the history of a subscription', () => {
  const live = async (options: ConnectOptions = {}) => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online(options);
    const subscription = rt.subscribe('t');
    const events: unknown[] = [];
    for (const name of ['message', 'state', 'gap', 'subscribed'] as const) {
      subscription.on(name, (event) => events.push([name, event]));
    }
    await socket.ack();
    socket.receive(subscribedFrame('t', 9));
    events.length = 0;
    return { fake, rt, socket, subscription, events };
  };

  const asked = (socket: FakeSocket) => socket.sent.filter((frame) => 'before' in frame);
  const answer = (socket: FakeSocket, fields: object, request = asked(socket).at(-1)): Promise<void> => {
    socket.receive({ type: 'history', id: request?.['id'], topic: 't', messages: [], ...fields });
    return settled();
  };

  it('asks for the messages before a position, and has them with the position to go on from', async () => {
    const { rt, socket, subscription } = await live();

    const page = subscription.history({ before: { ...messages(9)[0], ...before }, limit: 2 });
    await answer(socket, { messages: messages(7, 8), before: { epoch: 'e', seq: 7 } });

    expect(asked(socket)).toEqual([
      { action: 'subscribe', topic: 't', before, history: 2, id: expect.any(String) as string },
    ]);
    await expect(page).resolves.toEqual({
      messages: [7, 8].map((seq) => ({
        topic: 't',
        epoch: 'e',
        seq,
        data: seq,
        publishedAt: expect.any(String) as string,
      })),
      before: { epoch: 'e', seq: 7 },
      more: true,
      complete: true,
    });
    rt.close();
  });

  it.each([
    ['the beginning', {}, { before: undefined, more: false, complete: true }],
    ['what has expired', { lost: true }, { before: undefined, more: false, complete: false }],
  ])('says when there is nothing older: %s', async (_, fields, expected) => {
    const { rt, socket, subscription } = await live();

    const page = subscription.history({ before });
    await answer(socket, fields);

    expect(asked(socket)).toMatchObject([{ history: BOUNDS.HISTORY }]);
    await expect(page).resolves.toEqual({ messages: [], ...expected });
    rt.close();
  });

  it('puts an answer of several frames together, and takes a repeated part once', async () => {
    const { rt, socket, subscription } = await live();

    const page = subscription.history({ before });
    await answer(socket, { messages: messages(1, 2), more: true });
    await answer(socket, { messages: messages(1, 2), more: true });
    await answer(socket, { messages: messages(3) });

    expect((await page).messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    rt.close();
  });

  it('does not disturb the messages that come live', async () => {
    const { rt, socket, subscription, events } = await live();

    const page = subscription.history({ before });
    await answer(socket, { messages: messages(6, 7), more: true });
    socket.receive(...messages(10));
    await answer(socket, { messages: messages(8) });
    socket.receive(...messages(11));

    expect(events).toMatchObject([
      ['message', { seq: 10 }],
      ['message', { seq: 11 }],
    ]);
    expect(subscription.position).toEqual({ epoch: 'e', seq: 11 });
    expect((await page).messages).toHaveLength(3);
    expect(socket.framesOf('subscribe')).toHaveLength(2);
    rt.close();
  });

  it('is fetched by one request at a time for each topic: the server keeps only the newest', async () => {
    const { rt, socket, subscription } = await live();
    const other = rt.subscribe('other');

    const pages = [subscription, subscription, other].map((each) => each.history({ before }));
    const first = asked(socket);
    await answer(socket, { messages: messages(1) }, first[0]);
    await answer(socket, { messages: messages(2) });

    expect(first.map(({ topic }) => topic)).toEqual(['t', 'other']);
    expect(asked(socket).map(({ topic }) => topic)).toEqual(['t', 'other', 't']);
    const found = await Promise.all(pages.slice(0, 2));
    expect(found.map((page) => page.messages.map(({ seq }) => seq))).toEqual([[1], [2]]);
    rt.close();
    await expect(pages[2]).rejects.toMatchObject({ code: 'closed' });
  });

  it.each(['unavailable', 'not-subscribed'])('is asked for again after %s', async (code) => {
    const { fake, rt, socket, subscription } = await live();

    const page = subscription.history({ before });
    await socket.refuse(code, asked(socket)[0]);
    fake.clock.advance(BOUNDS.RETRY_BASE_MS);
    await answer(socket, { messages: messages(8) });

    expect(asked(socket)).toHaveLength(2);
    expect(asked(socket)[1]).toEqual(asked(socket)[0]);
    await expect(page).resolves.toMatchObject({ messages: [{ seq: 8 }] });
    rt.close();
  });

  it('lets a ping show whether the server has lost the subscription', async () => {
    const { rt, socket, subscription } = await live();

    const page = subscription.history({ before });
    await socket.refuse('not-subscribed', asked(socket)[0]);

    expect(socket.framesOf('ping')).toMatchObject([{ positions: { t: before } }]);
    expect(subscription.state).toBe('live');
    rt.close();
    await expect(page).rejects.toMatchObject({ code: 'closed' });
  });

  it('is asked for again by the next connection', async () => {
    const { fake, rt, socket, subscription } = await live();
    const page = subscription.history({ before });
    await answer(socket, { messages: messages(6), more: true });

    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    const next = fake.socket.open();
    await answer(next, { messages: messages(6, 7), more: true });
    await answer(next, { messages: messages(8) });

    expect(next.framesOf('subscribe').map((frame) => 'before' in frame)).toEqual([true]);
    expect((await page).messages.map(({ seq }) => seq)).toEqual([6, 7, 8]);
    rt.close();
  });

  it.each([
    ['timeout', true],
    ['offline', false],
  ])('rejects with %s past the deadline', async (code, isOnline) => {
    const fake = new FakeSockets();
    const rt = fake.connect();
    if (isOnline) fake.socket.open();

    const page = rt.subscribe('t').history({ before });
    const rejected = expect(page).rejects.toMatchObject({ name: 'RealtimeError', code });
    fake.clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

    await rejected;
    rt.close();
  });

  it('rejects with the code of the server, with that of a failed subscription, and after the end', async () => {
    const { rt, socket, subscription } = await live();
    const refused = expect(subscription.history({ before })).rejects;
    await socket.refuse('bad-frame', asked(socket)[0]);
    await refused.toMatchObject({ name: 'RealtimeError', code: 'bad-frame' });
    const failed = rt.subscribe('failed');
    await socket.refuse('bad-topic');
    subscription.unsubscribe();

    await expect(failed.history({ before })).rejects.toMatchObject({ code: 'bad-topic' });
    await expect(subscription.history({ before })).rejects.toMatchObject({ code: 'closed' });
    expect(asked(socket)).toHaveLength(1);
    rt.close();
  });

  it.each([0, 101, 1.5, NaN])('rejects a limit of %p before it sends anything', async (limit) => {
    const { rt, socket, subscription } = await live();

    await expect(subscription.history({ before, limit })).rejects.toThrow('limit must be a whole number from 1 to 100');

    expect(asked(socket)).toEqual([]);
    rt.close();
  });

  it('stays with the current connection during a renewal, and moves to the next one with it', async () => {
    const { fake, rt, socket, subscription } = await live({ lifetimeMs: 8_000 });
    fake.clock.advance((8_000 * (BOUNDS.RENEW_FROM_SHARE + BOUNDS.RENEW_TO_SHARE)) / 2);
    const next = fake.socket.open();

    const page = subscription.history({ before });
    const current = asked(socket).length;
    await next.ack(next.framesOf('subscribe')[0]);
    next.receive(subscribedFrame('t', 9));
    await answer(next, { messages: messages(8) });

    expect([current, next === socket]).toEqual([1, false]);
    expect(asked(next)).toHaveLength(1);
    await expect(page).resolves.toMatchObject({ messages: [{ seq: 8 }] });
    rt.close();
  });
});
