import { FRAMES_BOUNDS } from '../../../../shared/http-frames/frames-bounds.ts';
import type { FramesDeps } from '../../../../shared/http-frames/frames-deps.ts';
import { ClientError } from '../../../../shared/errors.ts';
import { newTopic } from '../../../helpers/door-scene.ts';
import { type FramesScene, principalOf, startFramesScene } from '../../../helpers/frames-scene.ts';

let scene: FramesScene;

beforeAll(async () => {
  scene = await startFramesScene();
});

afterAll(() => scene.door.stop());

const post: FramesScene['post'] = (...args) => scene.post(...args);

describe('frames that are posted', () => {
  it('are answered each, in their order, as by the socket', async () => {
    const topic = newTopic();

    const { status, frames } = await post([
      { action: 'publish', topic, data: 'one', id: '1' },
      { action: 'publish', topic, messages: ['two', 3], id: '2' },
      { action: 'plus', counter: topic, by: 5, id: '3' },
      { action: 'minus', counter: topic, id: '4' },
      { action: 'ping', id: '5' },
      { action: 'unsubscribe', topic, id: '6' },
      { action: 'publish', topic, data: 'unanswered' },
    ]);

    expect(status).toBe(200);
    expect(frames).toMatchObject([
      { type: 'ack', id: '1', topic, seq: 1 },
      { type: 'ack', id: '2', topic, seq: 3 },
      { type: 'ack', id: '3', value: 5 },
      { type: 'ack', id: '4', value: 4 },
      { type: 'pong', id: '5' },
      { type: 'ack', id: '6' },
    ]);
  });

  it('count once with a key, also beside the socket', async () => {
    const topic = newTopic();
    const frame = { action: 'publish', topic, data: 1, key: 'k', id: '1' };
    const [first] = (await post([frame])).frames;

    const { frames } = await post([
      { ...frame, id: '2' },
      { ...frame, data: 2, id: '3' },
    ]);

    expect(frames).toMatchObject([
      { type: 'ack', id: '2', epoch: first?.['epoch'], seq: 1 },
      { type: 'error', id: '3', code: 'bad-frame' },
    ]);
  });

  it.each([
    ['no JSON', '{', { code: 'bad-json' }],
    ['no action', { id: 'x' }, { code: 'bad-frame', id: 'x' }],
    ['an unknown action', { action: 'toString', id: 'x' }, { code: 'unknown-action', id: 'x' }],
    ['an unknown field', { action: 'publish', topic: 'a', data: 1, qos: 1 }, { code: 'bad-frame' }],
    ['too many bytes', { action: 'publish', topic: 'a', data: 'x'.repeat(33_000) }, { code: 'too-large' }],
    ['presence', { action: 'subscribe', topic: 'a', presence: true, id: 'x' }, { code: 'unknown-action', id: 'x' }],
    ['a wildcard', { action: 'subscribe', topic: 'a/*', id: 'x' }, { code: 'unknown-action', id: 'x' }],
    ['a state', { action: 'setPresence', topic: 'a', state: 1, id: 'x' }, { code: 'unknown-action', id: 'x' }],
  ])('are refused one by one, with %s', async (_, frame, error) => {
    const { status, frames } = await post([frame, { action: 'ping', id: 'after' }]);

    expect(status).toBe(200);
    expect(frames).toMatchObject([
      { type: 'error', ...error },
      { type: 'pong', id: 'after' },
    ]);
  });

  it('are refused as a whole where they are none, or too many', async () => {
    const [none, many, large, get, live] = [
      await post([]),
      await post(Array.from({ length: FRAMES_BOUNDS.FRAMES + 1 }, () => ({ action: 'ping' }))),
      await post(['x'.repeat(FRAMES_BOUNDS.BODY_BYTES + 1)]),
      await post([{ action: 'ping' }], { method: 'GET' }),
      await post([{ action: 'ping' }], { query: 'live=sse' }),
    ];

    expect([none, many, large, get, live].map(({ status }) => status)).toEqual([400, 413, 413, 405, 400]);
  });

  it('say that the server could not do it, without its cause', async () => {
    const causes: unknown[] = [];
    const write = () => Promise.reject(new Error('no table'));

    const { frames } = await post([{ action: 'plus', id: '1' }], {
      changes: { write, onFailure: (cause) => causes.push(cause) },
    });

    expect(frames).toMatchObject([{ type: 'error', code: 'unavailable', id: '1' }]);
    expect(JSON.stringify(frames)).not.toContain('no table');
    expect(causes).toHaveLength(1);
  });
});

describe('frames of a client with a token', () => {
  it('are let in by it, and write as its subject', async () => {
    const topic = newTopic();
    const authenticate = async () => ({ principal: principalOf() });

    await post([{ action: 'publish', topic, data: 1, id: '1' }], { changes: { authenticate } });

    expect(await scene.deps.findHead(topic)).toMatchObject({ from: 'ann' });
  });

  it('are refused where the token is', async () => {
    const statusWith = async (refused: 401 | 403) =>
      (await post([{ action: 'ping' }], { changes: { authenticate: async () => ({ refused }) } })).status;

    expect([await statusWith(401), await statusWith(403)]).toEqual([401, 403]);
  });

  it('are forbidden what it does not permit; without an id the error names the topic', async () => {
    const principal = principalOf({ subscribe: [], publish: ['mine'] });

    const { frames } = await post(
      [
        { action: 'publish', topic: 'other', data: 1, id: '1' },
        { action: 'subscribe', topic: 'other' },
      ],
      { changes: { authenticate: async () => ({ principal }) } },
    );

    expect(frames).toMatchObject([
      { type: 'error', code: 'forbidden', id: '1' },
      { type: 'error', code: 'forbidden', topics: ['other'] },
    ]);
    expect(frames[0]).not.toHaveProperty('topics');
  });

  it.each([
    ['the topic was revoked', () => ({ principal: { ...principalOf(), revoked: ['topic-*'] } }), 'forbidden'],
    ['everything was revoked', () => ({ refused: 403 }) as const, 'revoked'],
    ['the token has ended', () => ({ refused: 401 }) as const, 'token-expired'],
  ])('are refused, further ones of a body too, soon after %s', async (_, later, code) => {
    const topic = newTopic();
    let checks = 0;
    const authenticate = async () => ((checks += 1) === 1 ? { principal: principalOf() } : later());
    let writes = 0;
    const startMs = scene.deps.now();
    const now = () => startMs + (writes * FRAMES_BOUNDS.CHECK_MS) / 2;
    const write: FramesDeps['write'] = (...args) => {
      writes += 1;
      return scene.deps.write(...args);
    };
    const frames = [1, 2, 3, 4, 5].map((data) => ({ action: 'publish', topic, data, id: `${data}` }));

    const answered = await post(frames, { changes: { authenticate, write, now } });

    expect([writes, checks]).toEqual([3, 2]);
    expect(answered.frames.slice(0, 3)).toMatchObject([1, 2, 3].map((seq) => ({ type: 'ack', seq })));
    expect(answered.frames[3]).toMatchObject({ type: 'error', code });
  });

  it('use up the rates of its subject: each by its weight, an invalid one as well', async () => {
    const used: unknown[] = [];
    const count = async (subject: string | undefined, weight: object) => void used.push([subject, weight]);
    const authenticate = async () => ({ principal: principalOf() });

    await post(['{', { action: 'publish', topic: newTopic(), messages: [1, 2] }], { changes: { authenticate, count } });

    const arrival = ['ann', { frames: 1, publishes: 0 }];
    expect(used).toEqual([arrival, arrival, ['ann', { frames: 0, publishes: 2 }]]);
  });

  it('are told when they may come again', async () => {
    const count = () => Promise.reject(new ClientError('rate-limited', 'Too much.', { retryAfterMs: 70 }));

    const { frames } = await post([{ action: 'ping', id: '1' }], { changes: { count } });

    expect(frames).toMatchObject([{ type: 'error', code: 'rate-limited', id: '1', retryAfterMs: 70 }]);
  });
});
