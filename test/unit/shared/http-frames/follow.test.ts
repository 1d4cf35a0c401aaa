import { FRAMES_BOUNDS } from '../../../../shared/http-frames/frames-bounds.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { newTopic } from '../../../helpers/door-scene.ts';
import {
  type Frame,
  type FramesScene,
  principalOf,
  startFramesScene,
  subscribe,
  when,
} from '../../../helpers/frames-scene.ts';
import { openTopics } from '../../../helpers/store-engine.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

let scene: FramesScene;

beforeAll(async () => {
  scene = await startFramesScene();
});

afterAll(() => scene.door.stop());

const post: FramesScene['post'] = (...args) => scene.post(...args);

describe('a subscription by HTTP', () => {
  it('begins with its position, and brings what is published then, whole', async () => {
    const topic = newTopic();
    await scene.publish(topic, 'before');

    const { frames } = await post([subscribe(topic)], {
      onFrame: when('subscribed', () => scene.publish(topic, 'one', { two: 2 })),
    });

    expect(frames).toMatchObject([
      { type: 'ack', id: 's', action: 'subscribe', topic },
      { type: 'subscribed', topic, seq: 1, recovered: true, messages: [] },
      { type: 'message', topic, seq: 2, data: 'one', publishedAt: expect.any(String), epoch: expect.any(String) },
      { type: 'message', topic, seq: 3, data: { two: 2 } },
    ]);
  });

  it('waits for the first message of a topic that nobody has published to', async () => {
    const topic = newTopic();

    const { frames } = await post([subscribe(topic)], { onFrame: when('subscribed', () => scene.publish(topic, 1)) });

    expect(frames).toMatchObject([{}, { epoch: null, seq: 0, recovered: true }, { type: 'message', seq: 1, data: 1 }]);
  });

  it('has the last messages, or those after a position, as by the socket', async () => {
    const topic = newTopic();
    for (const n of [1, 2, 3, 4]) await scene.publish(topic, n);
    const epoch = (await scene.deps.findHead(topic))?.epoch;

    const [last, after, lost, older] = [
      await post([subscribe(topic, { history: 2 })]),
      await post([subscribe(topic, { position: { epoch, seq: 3 } })]),
      await post([subscribe(topic, { position: { epoch: 'other', seq: 3 } })]),
      await post([subscribe(topic, { before: { epoch, seq: 4 }, history: 2 })]),
    ];

    const dataOf = (frame: Frame | undefined) =>
      ((frame?.['messages'] ?? []) as readonly Frame[]).map(({ data }) => data);
    expect(dataOf(last.frames[1])).toEqual([3, 4]);
    expect(dataOf(after.frames[1])).toEqual([4]);
    expect(lost.frames[1]).toMatchObject({ recovered: false, seq: 4 });
    expect(older.frames).toMatchObject([{ type: 'history', id: 's', before: { seq: 2 } }]);
    expect(dataOf(older.frames[0])).toEqual([2, 3]);
  });

  it('goes on where the last answer ended, and says nothing where nothing is new', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    const goOn = { action: 'subscribe', topic, position: { epoch, seq: 1 } };

    const quiet = await post([goOn]);
    await scene.publish(topic, 2);
    const missed = await post([goOn]);

    expect(quiet.frames).toEqual([]);
    expect(missed.frames).toMatchObject([{ type: 'subscribed', recovered: true, messages: [{ seq: 2 }] }]);
  });

  it('follows a counter', async () => {
    const topic = newTopic();
    const plus = () => openTopics(scene.door.engine).increment({ topic: `counter:${topic}`, delta: 3 });

    const { frames } = await post([subscribe(`counter:${topic}`)], { onFrame: when('subscribed', plus) });

    expect(frames).toMatchObject([{}, { value: 0 }, { type: 'state', counter: topic, value: 3, seq: 1 }]);
  });

  it.each([
    ['with a last message', '"end"', 2, 'end'],
    ['without one', '', 1, 'begin'],
  ])('learns that a topic is closed, %s', async (...[, body, seq, data]) => {
    const topic = newTopic();
    await scene.door.ask('PUT', topic, { headers: JSON_TYPE, body: '"begin"' });
    const close = () => scene.door.ask('POST', topic, { headers: { ...JSON_TYPE, 'Stream-Closed': 'true' }, body });

    const { frames } = await post([subscribe(topic)], { onFrame: when('subscribed', close) });
    const late = await post([subscribe(topic)]);

    expect(frames.slice(2)).toMatchObject([{ type: 'message', seq, data, closed: true }]);
    expect(late.frames[1]).toMatchObject({ type: 'subscribed', closed: true });
  });

  it('is told that messages are lost where its topic began anew', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);
    const again = async () => {
      await scene.door.ask('DELETE', topic);
      await scene.publish(topic, 2);
    };

    const { frames } = await post([subscribe(topic)], { onFrame: when('subscribed', again) });

    expect(frames.at(-1)).toMatchObject({ type: 'subscribed', recovered: false, seq: 1 });
  });

  it('ends a poll with the first news', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    let looks = 0;
    const glanceAtHead = async (name: string) => {
      looks += 1;
      if (looks === 1) await scene.publish(topic, 2);
      return scene.deps.glanceAtHead(name);
    };
    const goOn = { action: 'subscribe', topic, position: { epoch, seq: 1 } };

    const { frames } = await post([goOn], { query: 'live=long-poll', changes: { longPollMs: 60_000, glanceAtHead } });

    expect(frames).toMatchObject([{ type: 'message', seq: 2 }]);
    expect(looks).toBe(1);
  });

  it('ends a poll after its answers, without a wait', async () => {
    const { frames } = await post([subscribe(newTopic())], {
      query: 'live=long-poll',
      changes: { longPollMs: 60_000 },
    });

    expect(frames).toHaveLength(2);
  });

  it('follows as many topics as a connection, and looks at many of them less often', async () => {
    const prefix = newTopic();
    const slept: number[] = [];
    const all = Array.from({ length: LIMITS.TOPICS_PER_CONNECTION + 1 }, (_, i) => subscribe(`${prefix}-${i}`));
    const waiting = { ...scene.deps.waiting, sleep: async (ms: number) => void slept.push(ms) };

    const { frames } = await post(all, { changes: { waiting, eventsMs: 0 } });
    await post(all.slice(0, 11), { changes: { waiting, eventsMs: 200 } });

    expect(frames.filter(({ type }) => type === 'error')).toMatchObject([{ code: 'too-many-topics' }]);
    expect(new Set(slept)).toEqual(new Set([2 * FRAMES_BOUNDS.LOOK_MS]));
  });

  it('says now and then that it is alive', async () => {
    const topic = newTopic();
    const waiting = { ...scene.deps.waiting, sleep: async () => scene.door.skip(FRAMES_BOUNDS.QUIET_MS) };

    const { text } = await post([subscribe(topic)], { changes: { waiting, eventsMs: 25_000 } });

    expect(text.endsWith(':\n\n:\n\n:\n\n')).toBe(true);
  });
});

describe('a subscription by HTTP of a client with a token', () => {
  it.each([
    ['its token has ended', { refused: 401 } as const, { code: 'token-expired' }],
    ['everything was revoked', { refused: 403 } as const, { code: 'revoked', topics: ['*'] }],
    [
      'the topic was revoked',
      { principal: { ...principalOf(), revoked: ['topic-*', '*'] } },
      { code: 'revoked', topics: ['topic-*', '*'] },
    ],
    ['the token ended meanwhile', { principal: { ...principalOf(), tokenEnd: 1 } }, { code: 'token-expired' }],
  ])('ends before what comes after %s', async (_, later, error) => {
    const topic = newTopic();
    let asked = 0;
    const authenticate = async () => ((asked += 1) === 1 ? { principal: principalOf() } : later);

    const { frames } = await post([subscribe(topic)], {
      changes: { authenticate },
      onFrame: when('subscribed', () => scene.publish(topic, 'secret')),
    });

    expect(frames.at(-1)).toMatchObject({ type: 'error', ...error });
    expect(JSON.stringify(frames)).not.toContain('secret');
  });
});
