import * as BOUNDS from '../../../client/src/bounds.ts';
import { messageFrame, subscribedFrame } from '../../helpers/fake-sockets.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';
import { TokenScene } from '../../helpers/token-scene.ts';

const URL_TOPICS = ['news', 'secret', 'counter:hidden'];

const FORBIDDEN = {
  type: 'error',
  code: 'forbidden',
  message: 'The token does not permit subscribe on these topics of the URL.',
  topics: ['secret', 'counter:hidden'],
};

/** A client whose URL names one topic that it may subscribe to, and two that it may not. */
async function refusedScene() {
  const scene = new TokenScene({ token: async () => 'token', topics: URL_TOPICS });
  const news = scene.rt.subscribe('news');
  const secret = scene.rt.subscribe('secret');
  const hidden = scene.rt.counter('hidden');
  const failures: string[] = [];
  for (const each of [news, secret]) each.on('error', ({ code }) => failures.push(`${each.topic} ${code}`));
  hidden.on('error', ({ code }) => failures.push(`${hidden.name} ${code}`));
  const socket = await scene.open();
  socket.receive(subscribedFrame('news'), FORBIDDEN);
  return { scene, socket, news, secret, hidden, failures };
}

describe('a client whose token does not permit topics of its URL', () => {
  it('fails their subscriptions and counters with the error, and the others live', async () => {
    const { scene, news, secret, hidden, failures } = await refusedScene();

    expect([news.state, secret.state, hidden.state]).toEqual(['live', 'failed', 'failed']);
    expect([news.error, secret.error?.code, hidden.error?.code]).toEqual([undefined, 'forbidden', 'forbidden']);
    expect(secret.error?.topics).toEqual(['secret', 'counter:hidden']);
    expect(failures).toEqual(['secret forbidden', 'hidden forbidden']);
    expect(scene.errors).toEqual([]);
    scene.rt.close();
  });

  it('says so once of a topic that was asked for by a frame as well', async () => {
    const scene = new TokenScene({ token: async () => 'token', topics: URL_TOPICS });
    const secret = scene.rt.subscribe('secret', { history: 10 });
    const failures: string[] = [];
    secret.on('error', ({ code }) => failures.push(code));
    const socket = await scene.open();

    socket.receive(FORBIDDEN);
    await socket.refuse('forbidden');
    socket.receive(FORBIDDEN);

    expect([secret.state, failures, scene.errors]).toEqual(['failed', ['forbidden'], []]);
    scene.rt.close();
  });

  it('leaves them out of the next URL, and asks for them by frames', async () => {
    const { scene, socket, secret } = await refusedScene();
    socket.cut();

    await scene.advance(BOUNDS.RECONNECT_BASE_MS);
    const next = await scene.open();
    const asked = next.framesOf('subscribe').map(({ topic }) => topic);
    for (const frame of next.framesOf('subscribe')) await next.refuse('forbidden', frame);

    expect(new URL(next.url).searchParams.get('topics')).toBe('news@:0');
    expect(asked).toEqual(['secret', 'counter:hidden']);
    expect([secret.state, scene.errors]).toEqual(['failed', []]);
    scene.rt.close();
  });

  it('asks again for a topic that is subscribed to anew', async () => {
    const { scene, socket, secret } = await refusedScene();

    scene.rt.subscribe('secret');
    await socket.ack();
    socket.receive(subscribedFrame('secret'));

    expect(secret.state).toBe('live');
    scene.rt.close();
  });

  it('does not name the positions of failed subscriptions in a ping', async () => {
    const scene = new TokenScene({ token: async () => 'token', idleMs: BOUNDS.IDLE_MS });
    const first = await scene.open();
    for (const topic of ['news', 'secret']) scene.rt.subscribe(topic);
    for (const frame of first.framesOf('subscribe')) await first.ack(frame);
    first.receive(subscribedFrame('news', 1), subscribedFrame('secret', 1));
    first.cut();
    await scene.advance(BOUNDS.RECONNECT_BASE_MS);
    const next = await scene.open();
    next.receive(subscribedFrame('news', 1), { ...FORBIDDEN, topics: ['secret'] });

    await scene.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);

    expect(next.framesOf('ping')).toMatchObject([{ positions: { news: { seq: 1 } } }]);
    expect(Object.keys(Object(next.framesOf('ping')[0]?.['positions']))).toEqual(['news']);
    scene.rt.close();
  });

  it('completes a renewal whose token permits less', async () => {
    const scene = new TokenScene({ token: async () => 'token', topics: ['empty'], lifetimeMs: 10_000 });
    await scene.open();
    const empty = scene.rt.counter('votes');
    const old = await scene.openAndAnswer();

    await scene.advance(10_000);
    const next = await scene.open();
    next.receive({ ...FORBIDDEN, topics: ['counter:votes'] });

    expect([empty.state, old.isClosed, scene.rt.status]).toEqual(['failed', true, 'online']);
    scene.rt.close();
  });
});

describe('a client whose permissions are revoked', () => {
  it('stops when everything is', async () => {
    const scene = new TokenScene({ token: async () => 'token' });
    const socket = await scene.open();
    const settling = codesOf([scene.rt.publish('news', 1)]);

    socket.receive({ type: 'error', code: 'revoked', message: 'Revoked.', topics: ['*', 'news/*'] }).cut();
    await scene.advance(BOUNDS.LIFETIME_MS);

    expect(await settling).toEqual(['revoked']);
    expect([scene.codes, scene.rt.status, scene.fake.all.length]).toEqual([['revoked'], 'disconnected', 1]);
    scene.rt.close();
  });

  it('names the patterns otherwise, and goes on with what is left, without a gap', async () => {
    const scene = new TokenScene({ token: async () => 'token' });
    const old = await scene.open();
    const news = scene.rt.subscribe('news');
    const secret = scene.rt.subscribe('secret/a');
    const seqs: number[] = [];
    news.on('message', ({ seq }) => seqs.push(seq));
    news.on('gap', () => seqs.push(NaN));
    for (const frame of old.framesOf('subscribe')) await old.ack(frame);
    old.receive(subscribedFrame('news', 1), subscribedFrame('secret/a', 1));

    old.receive({ type: 'error', code: 'revoked', message: 'Revoked.', topics: ['secret/*'] }).cut();
    await scene.advance(BOUNDS.RECONNECT_BASE_MS);
    const next = await scene.open();
    next.receive(subscribedFrame('news', 2, [messageFrame('news', 2)]), { ...FORBIDDEN, topics: ['secret/a'] });

    expect(scene.errors).toMatchObject([{ code: 'revoked', topics: ['secret/*'] }]);
    expect(new URL(next.url).searchParams.get('topics')).toBe('news@e:1,secret/a@e:1');
    expect(next.framesOf('subscribe')).toEqual([]);
    expect([news.state, secret.state, secret.error?.code, seqs]).toEqual(['live', 'failed', 'forbidden', [2]]);
    scene.rt.close();
  });
});

describe('a message of an authenticated publisher', () => {
  it('names its subject, live, in a catch-up and in the history', async () => {
    const scene = new TokenScene({ token: async () => 'token' });
    const socket = await scene.open();
    const subscription = scene.rt.subscribe('news');
    const senders: unknown[] = [];
    subscription.on('message', (message) => senders.push(message.from));
    await socket.ack();
    socket.receive(subscribedFrame('news', 0));
    socket.receive({ ...messageFrame('news', 1), from: 'ann' }, messageFrame('news', 2));
    const page = subscription.history({ before: { epoch: 'e', seq: 2 } });
    const [asked] = socket.framesOf('subscribe').slice(-1);
    const messages = [{ ...messageFrame('news', 1), from: 'ann' }];
    socket.receive({ type: 'history', id: asked?.['id'], topic: 'news', messages });

    expect(senders).toEqual(['ann', undefined]);
    const { type: _, ...message } = messageFrame('news', 1);
    expect((await page).messages).toStrictEqual([{ ...message, from: 'ann' }]);
    scene.rt.close();
  });
});
