import * as BOUNDS from '../../../client/src/bounds.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { codesOf, messagesOf, PublishingScene, seqsOf, TIMEOUT_MS } from '../../helpers/publishing-scene.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('publishes of one topic', () => {
  it('keep to the bounds of the server', () => {
    expect(BOUNDS.PUBLISHED_MESSAGES).toBe(LIMITS.PUBLISHED_MESSAGES);
    expect(BOUNDS.DATA_BYTES).toBe(LIMITS.DATA_BYTES);
    expect(BOUNDS.MESSAGES_BYTES).toBe(LIMITS.FRAME_BYTES - 256);
  });

  it('go at once and alone when none is under way', async () => {
    const scene = new PublishingScene();

    const first = scene.publish({ n: 1 });
    const framesThen = [...scene.frames];
    await scene.ack();
    const second = scene.publish({ n: 2 });
    await scene.ack();

    expect(framesThen).toEqual([{ action: 'publish', topic: 'news', data: { n: 1 }, key: 'key-1' }]);
    expect(scene.frames[1]).toEqual({ action: 'publish', topic: 'news', data: { n: 2 }, key: 'key-2' });
    await expect(seqsOf([first, second])).resolves.toEqual([1, 2]);
  });

  it('are gathered while one is under way, go in one frame in their order, and each gets its own seq', async () => {
    const scene = new PublishingScene();

    const published = ['a', 'b', 'c', 'd'].map((data) => scene.publish(data));
    const framesThen = scene.frames.length;
    await scene.ack();
    await scene.ack();

    expect(framesThen).toBe(1);
    expect(scene.frames.slice(1)).toEqual([
      { action: 'publish', topic: 'news', messages: ['b', 'c', 'd'], key: 'key-2' },
    ]);
    await expect(Promise.all(published)).resolves.toEqual(
      [1, 2, 3, 4].map((seq) => ({ topic: 'news', epoch: 'e', seq })),
    );
  });

  it('go as one message when only one has gathered', async () => {
    const scene = new PublishingScene();

    const published = ['a', 'b'].map((data) => scene.publish(data));
    await scene.ack();
    await scene.ack();

    expect(scene.frames[1]).toEqual({ action: 'publish', topic: 'news', data: 'b', key: 'key-2' });
    await expect(seqsOf(published)).resolves.toEqual([1, 2]);
  });

  it('go at once again when all that had gathered is written', async () => {
    const scene = new PublishingScene();
    const published = ['a', 'b'].map((data) => scene.publish(data));
    await scene.ack();
    await scene.ack();

    published.push(scene.publish('c'));

    expect(scene.frames).toHaveLength(3);
    await scene.ack();
    await expect(seqsOf(published)).resolves.toEqual([1, 2, 3]);
  });

  it('go in several frames when they are too many for one', async () => {
    const scene = new PublishingScene();

    const published = Array.from({ length: 122 }, (_, index) => scene.publish(index));
    for (let frame = 0; frame < 4; frame += 1) await scene.ack();

    expect(scene.frames.map((frame) => messagesOf(frame).length)).toEqual([1, 50, 50, 21]);
    expect(scene.frames.flatMap(messagesOf)).toEqual(published.map((_, index) => index));
    await expect(seqsOf(published)).resolves.toEqual(published.map((_, index) => index + 1));
    expect(scene.reserved).toBe(0);
  });

  it.each([
    ['of one byte each', 'x'.repeat(6_000)],
    ['of three bytes each', '€'.repeat(2_000)],
    ['that JSON escapes', '\n'.repeat(3_000)],
  ])('go in several frames when they are too large for one, in characters %s', async (_, data) => {
    const scene = new PublishingScene();

    const published = Array.from({ length: 12 }, () => scene.publish(data));
    while (scene.frames.flatMap(messagesOf).length < 12) await scene.ack();
    await scene.ack();

    expect(scene.frames.map((frame) => messagesOf(frame).length)).toEqual([1, 5, 5, 1]);
    await expect(seqsOf(published)).resolves.toEqual(published.map((_, index) => index + 1));
  });

  it('fill a frame up to what the server takes, whatever its key and id', async () => {
    const scene = new PublishingScene();
    const topic = 't'.repeat(LIMITS.TOPIC_LENGTH);
    const published = [scene.publish('first', topic)];

    // Two that fit just, and one more byte that does not.
    const halfBytes = (BOUNDS.MESSAGES_BYTES - bytesOf(topic)) / 2;
    const sizes = [Math.floor(halfBytes), Math.floor(halfBytes), Math.floor(halfBytes), Math.floor(halfBytes) + 1];
    published.push(...sizes.map((size) => scene.publish('x'.repeat(size - 3), topic)));
    for (let frame = 0; frame < 4; frame += 1) await scene.ack();

    expect(scene.frames.map((frame) => messagesOf(frame).length)).toEqual([1, 2, 1, 1]);
    const largest = { ...scene.frames[1], key: 'k'.repeat(LIMITS.KEY_LENGTH), id: '9'.repeat(16) };
    expect(bytesOf(largest)).toBeLessThanOrEqual(LIMITS.FRAME_BYTES);
    expect(bytesOf(largest)).toBeGreaterThan(LIMITS.FRAME_BYTES - 256);
    await seqsOf(published);
  });

  it('go one by one to a topic whose name alone fills a frame, which the server will refuse', async () => {
    const scene = new PublishingScene();

    const published = ['a', 'b', 'c'].map((data) => scene.publish(data, 't'.repeat(LIMITS.FRAME_BYTES)));
    for (let frame = 0; frame < 3; frame += 1) await scene.fail('unavailable');

    expect(scene.frames.map(({ data }) => data)).toEqual(['a', 'b', 'c']);
    await expect(codesOf(published)).resolves.toEqual(['unavailable', 'unavailable', 'unavailable']);
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
  ])('are not gathered with what the server will refuse: %s', async (_, data) => {
    const scene = new PublishingScene();
    const first = scene.publish('a');

    const refused = codesOf([scene.publish(data)]);
    const gathered = scene.publish('b');

    expect(scene.frames).toHaveLength(2);
    expect(scene.frames[1]?.data).toBe(data);
    await scene.ack();
    await scene.fail('unavailable');
    await scene.ack();
    await expect(refused).resolves.toEqual(['unavailable']);
    await expect(seqsOf([first, gathered])).resolves.toEqual([1, 2]);
  });

  it('are rejected when they are no JSON, and nothing else is', async () => {
    const scene = new PublishingScene();
    const first = scene.publish('a');

    const faulty = scene.publish(1n);
    const gathered = scene.publish('b');
    await scene.ack();
    await scene.ack();

    await expect(faulty).rejects.toMatchObject({ code: 'bad-frame' });
    await expect(seqsOf([first, gathered])).resolves.toEqual([1, 2]);
  });

  it('are as they were when they were published', async () => {
    const scene = new PublishingScene();
    const first = scene.publish('a');
    const data = { at: new Date(0), title: 'before' };

    const gathered = scene.publish(data);
    data.title = 'after';
    await scene.ack();
    await scene.ack();

    expect(scene.frames[1]?.data).toEqual({ at: '1970-01-01T00:00:00.000Z', title: 'before' });
    await seqsOf([first, gathered]);
  });

  it('fail with their frame, all of them, and the next frame goes on', async () => {
    const scene = new PublishingScene();
    const published = Array.from({ length: 53 }, (_, index) => scene.publish(index));

    await scene.fail('unavailable');
    await scene.fail('timeout');
    await scene.ack();

    await expect(codesOf(published)).resolves.toEqual([
      'unavailable',
      ...Array.from({ length: 50 }, () => 'timeout'),
      'published',
      'published',
    ]);
    expect(scene.frames.map((frame) => messagesOf(frame).length)).toEqual([1, 50, 2]);
  });
});

describe('what is gathered', () => {
  it('takes a place in the queue for each message, until it is sent', async () => {
    const scene = new PublishingScene();
    scene.places = 2;

    const published = ['a', 'b', 'c', 'd'].map((data) => scene.publish(data));
    const reservedThen = scene.reserved;
    await scene.ack();
    await scene.ack();

    expect([reservedThen, scene.reserved]).toEqual([2, 0]);
    await expect(codesOf(published)).resolves.toEqual(['published', 'published', 'published', 'queue-full']);
  });

  it('is given up when it has waited for as long as a request may', async () => {
    const scene = new PublishingScene();
    const published = Array.from({ length: 60 }, (_, index) => scene.publish(index));
    scene.clock.advance(TIMEOUT_MS - 1);
    await scene.fail('timeout');
    published.push(scene.publish('later'));

    scene.clock.advance(TIMEOUT_MS - 1);
    await scene.fail('timeout');
    await scene.ack();

    await expect(codesOf(published)).resolves.toEqual([
      ...Array.from({ length: 51 }, () => 'timeout'),
      ...Array.from({ length: 9 }, () => 'offline'),
      'published',
    ]);
    expect(scene.frames.at(-1)?.data).toBe('later');
    expect(scene.reserved).toBe(0);
  });

  it('may be given up altogether, and the next publish goes at once', async () => {
    const scene = new PublishingScene();
    const published = ['a', 'b'].map((data) => scene.publish(data));
    scene.clock.advance(TIMEOUT_MS);
    await scene.fail('timeout');

    published.push(scene.publish('c'));

    expect(scene.frames.map(({ data }) => data)).toEqual(['a', 'c']);
    await scene.ack();
    await expect(codesOf(published)).resolves.toEqual(['timeout', 'offline', 'published']);
  });

  it('does not wait for another topic', async () => {
    const scene = new PublishingScene();

    const published = [scene.publish(1, 'one'), scene.publish(2, 'other'), scene.publish(3, 'one')];

    expect(scene.frames.map(({ topic }) => topic)).toEqual(['one', 'other']);
    for (let frame = 0; frame < 3; frame += 1) await scene.ack();
    expect(scene.frames.map(({ data }) => data)).toEqual([1, 2, 3]);
    await seqsOf(published);
  });
});
