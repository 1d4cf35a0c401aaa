import * as BOUNDS from '../../../client/src/bounds.ts';
import { messageFrame, subscribedFrame } from '../../helpers/fake-sockets.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';
import { TokenScene } from '../../helpers/token-scene.ts';

const EXPIRED = { type: 'error', code: 'token-expired', message: 'Ended.' };

const withFunction = (): TokenScene => {
  let asked = 0;
  return new TokenScene({ token: async () => `token-${(asked += 1)}` });
};

describe('a client with a token function whose token has ended', () => {
  it('replaces the connection, and sends the refused requests again', async () => {
    const scene = withFunction();
    const old = await scene.open();
    const published = scene.rt.publish('news', 1);
    const counted = scene.rt.counter('votes').increment();

    for (const frame of old.framesOf('publish', 'plus')) await old.refuse('token-expired', frame);
    await scene.advance(BOUNDS.RENEW_PAUSE_MS);
    const next = await scene.openAndAnswer();
    for (const frame of next.framesOf('publish', 'plus')) {
      await next.ack(frame, { counter: 'votes', value: 1, epoch: 'e', seq: 1 });
    }

    await expect(published).resolves.toMatchObject({ seq: 1 });
    await expect(counted).resolves.toBe(1);
    expect(next.framesOf('publish', 'plus')).toEqual(old.framesOf('publish', 'plus'));
    expect([scene.tokens, scene.errors, scene.statuses]).toEqual([['token-1', 'token-2'], [], ['online']]);
    scene.rt.close();
  });

  it('misses nothing when the server says so of nothing that was asked, and closes', async () => {
    const scene = withFunction();
    await scene.open();
    const subscription = scene.rt.subscribe('news');
    const seqs: number[] = [];
    subscription.on('message', ({ seq }) => seqs.push(seq));
    const old = await scene.openAndAnswer();
    await scene.advance(BOUNDS.RENEW_PAUSE_MS);

    old.receive(EXPIRED);
    await scene.advance(0);
    old.cut();
    const next = await scene.open();
    next.receive(subscribedFrame('news', 1, [messageFrame('news', 1)]));

    expect([seqs, scene.errors, scene.fake.all.length]).toEqual([[1], [], 2]);
    scene.rt.close();
  });

  it('gives a request no more than its time', async () => {
    const scene = withFunction();
    const old = await scene.open();
    const settling = codesOf([scene.rt.publish('news', 1)]);

    await old.refuse('token-expired');
    await scene.advance(BOUNDS.REQUEST_TIMEOUT_MS);

    expect(await settling).toEqual(['timeout']);
    scene.rt.close();
  });

  it('replaces the connection once a second at most, whatever is refused', async () => {
    const scene = withFunction();
    await scene.open();

    for (let ms = 0; ms < 10 * BOUNDS.RENEW_PAUSE_MS; ms += BOUNDS.RENEW_PAUSE_MS / 10) {
      const { length } = scene.fake.all;
      await scene.advance(BOUNDS.RENEW_PAUSE_MS / 10);
      if (scene.fake.all.length > length) await scene.open();
      scene.fake.socket.receive(EXPIRED, EXPIRED);
    }

    expect(scene.fake.all).toHaveLength(11);
    expect(scene.errors).toEqual([]);
    scene.rt.close();
  });

  it('waits between its attempts when the next connection is refused, too', async () => {
    const scene = withFunction();
    const old = await scene.open();
    await scene.advance(BOUNDS.RENEW_PAUSE_MS);
    old.receive(EXPIRED);
    await scene.advance(0);
    scene.fake.socket.fail();

    old.receive(EXPIRED);
    await scene.advance(BOUNDS.RENEW_RETRY_BASE_MS / 2 - 1);
    const before = scene.fake.all.length;
    await scene.advance(1);

    expect([before, scene.fake.all.length, scene.rt.status]).toEqual([2, 3, 'online']);
    scene.rt.close();
  });

  it('subscribes by the next connection to what was refused', async () => {
    const scene = withFunction();
    const old = await scene.open();
    const subscription = scene.rt.subscribe('news');

    await old.refuse('token-expired');
    await scene.advance(BOUNDS.RENEW_PAUSE_MS);
    await scene.openAndAnswer();

    expect([subscription.state, scene.errors, scene.statuses]).toEqual(['live', [], ['online']]);
    scene.rt.close();
  });
});

describe('a client with a fixed token that has ended', () => {
  it('says so once and stops, and rejects what waits', async () => {
    const scene = new TokenScene({ token: 'fixed' });
    const socket = await scene.open();
    const settling = codesOf([
      scene.rt.publish('news', 1),
      scene.rt.publish('news', 'behind it'),
      scene.rt.counter('votes').increment(),
    ]);

    socket.receive(EXPIRED, EXPIRED);
    await scene.advance(0);
    await scene.advance(BOUNDS.LIFETIME_MS);
    const later = codesOf([scene.rt.publish('news', 2)]);

    expect(await settling).toEqual(['token-expired', 'token-expired', 'token-expired']);
    expect(await later).toEqual(['token-expired']);
    expect([scene.codes, scene.rt.status, socket.isClosed]).toEqual([['token-expired'], 'disconnected', true]);
    expect([scene.fake.all.length, scene.fake.clock.pending]).toEqual([1, 0]);
    scene.rt.close();
  });

  it('says nothing else of frames of its own that were not answered', async () => {
    const scene = new TokenScene({ token: 'fixed' });
    const socket = await scene.open();
    const left = scene.rt.subscribe('left');
    const kept = scene.rt.subscribe('kept');
    const failures: unknown[] = [];
    kept.on('error', (error) => failures.push(error));
    left.unsubscribe();

    socket.receive(EXPIRED);
    await scene.advance(0);

    expect([scene.codes, failures, kept.state]).toEqual([['token-expired'], [], 'subscribing']);
    scene.rt.close();
  });

  it('stops at the refusal of a request as well, and connects again when it is asked to', async () => {
    const scene = new TokenScene({ token: 'fixed' });
    const socket = await scene.open();
    const subscription = scene.rt.subscribe('news');
    await socket.refuse('token-expired');

    const statusThen = scene.rt.status;
    scene.rt.connect();
    await scene.openAndAnswer();
    const published = scene.rt.publish('news', 1);
    await scene.fake.socket.ack(undefined, { epoch: 'e', seq: 1 });

    expect([statusThen, subscription.state]).toEqual(['disconnected', 'live']);
    await expect(published).resolves.toMatchObject({ seq: 1 });
    scene.rt.close();
  });
});
