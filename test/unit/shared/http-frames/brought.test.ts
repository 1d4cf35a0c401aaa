import { FRAMES_BOUNDS } from '../../../../shared/http-frames/frames-bounds.ts';
import type { FramesDeps } from '../../../../shared/http-frames/frames-deps.ts';
import { newTopic } from '../../../helpers/door-scene.ts';
import { type FramesScene, startFramesScene, subscribe, when } from '../../../helpers/frames-scene.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

let scene: FramesScene;

beforeAll(async () => {
  scene = await startFramesScene();
});

afterAll(() => scene.door.stop());

const post: FramesScene['post'] = (...args) => scene.post(...args);

describe('what a subscription by HTTP brings of a topic', () => {
  it('has no more of a topic than its settings let a client read', async () => {
    const topic = newTopic();
    for (const n of [1, 2, 3]) await scene.publish(topic, n);
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    const changes = { settingsOf: () => ({ history: 1 }), eventsMs: 0 };

    const { frames: last } = await post([subscribe(topic, { history: 3 })], { changes });
    const { frames: late } = await post([subscribe(topic, { position: { epoch, seq: 1 } })], { changes });

    expect(last[1]).toMatchObject({ type: 'subscribed', messages: [{ seq: 3 }] });
    expect(late[1]).toMatchObject({ type: 'subscribed', recovered: false, seq: 3 });
  });

  it('brings all that is published while it follows, however little of the topic can be read later', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);

    const { frames } = await post([subscribe(topic)], {
      changes: { settingsOf: () => ({ history: 1 }) },
      onFrame: when('subscribed', () => scene.publish(topic, 2, 3, 4)),
    });

    expect(frames.slice(2)).toMatchObject([2, 3, 4].map((seq) => ({ type: 'message', seq })));
  });

  it('says of a topic that keeps one message that the newest replaces the others', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);

    const { frames } = await post([subscribe(topic)], {
      changes: { settingsOf: () => ({ lastValueOnly: true }) },
      onFrame: when('subscribed', () => scene.publish(topic, 2, 3)),
    });

    expect(frames.slice(1)).toMatchObject([
      { type: 'subscribed', lastValueOnly: true, seq: 1, messages: [{ data: 1 }] },
      { type: 'subscribed', lastValueOnly: true, seq: 3, messages: [{ seq: 3, data: 3 }] },
    ]);
  });

  it('answers a position with nothing missed where the client comes back, with `batch`', async () => {
    const topic = newTopic();
    await scene.publish(topic, 1);
    const epoch = (await scene.deps.findHead(topic))?.epoch;

    const { frames } = await post([{ action: 'subscribe', topic, position: { epoch, seq: 1 }, batch: true }]);

    expect(frames).toMatchObject([{ type: 'subscribed', topic, seq: 1, recovered: true, messages: [] }]);
  });

  it('answers a position at the end of a closed topic', async () => {
    const topic = newTopic();
    await scene.door.ask('PUT', topic, { headers: JSON_TYPE, body: '"all"' });
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    await scene.door.ask('POST', topic, { headers: { ...JSON_TYPE, 'Stream-Closed': 'true' }, body: '' });

    const { frames } = await post([{ action: 'subscribe', topic, position: { epoch, seq: 1 } }]);

    expect(frames).toMatchObject([{ type: 'subscribed', topic, seq: 1, closed: true, messages: [] }]);
  });

  it('calls a closed topic closed once all of it was sent', async () => {
    const topic = newTopic();
    await scene.door.ask('PUT', topic, { headers: JSON_TYPE, body: '1' });
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    for (const body of ['2', '3']) await scene.door.ask('POST', topic, { headers: JSON_TYPE, body });
    await scene.door.ask('POST', topic, { headers: { ...JSON_TYPE, 'Stream-Closed': 'true' }, body: '' });
    let reads = 0;
    const listMessages: FramesDeps['listMessages'] = async (range) =>
      (reads += 1) === 1 ? [] : scene.deps.listMessages(range);

    const { frames } = await post([subscribe(topic, { position: { epoch, seq: 1 } })], {
      changes: { archiveAttempts: 1, listMessages },
    });

    expect(frames[1]).not.toHaveProperty('closed');
    expect(frames.slice(1)).toMatchObject([
      { type: 'subscribed', seq: 1 },
      { type: 'message', seq: 2 },
      { type: 'message', seq: 3, closed: true },
    ]);
  });
});

describe('news without a frame yet', () => {
  it.each([
    ['do not keep a comment back', '', ':\n\n:\n\n'],
    ['do not end a poll', 'live=long-poll', ':\n\n:\n\n'],
  ])('%s', async (_, query, comments) => {
    const topic = newTopic();
    for (const n of [1, 2, 3]) await scene.publish(topic, n);
    const epoch = (await scene.deps.findHead(topic))?.epoch;
    let nowMs = scene.deps.now();
    const sleep = async (ms: number) => void (nowMs += ms === FRAMES_BOUNDS.LOOK_MS ? FRAMES_BOUNDS.QUIET_MS : 0);
    const waiting = { ...scene.deps.waiting, sleep };
    const changes = { waiting, now: () => nowMs, listMessages: async () => [] };
    const goOn = { action: 'subscribe', topic, position: { epoch, seq: 1 } };

    const { text } = await post([goOn], { query, changes: { ...changes, eventsMs: 20_000, longPollMs: 20_000 } });

    expect(text).toBe(comments);
  });
});
