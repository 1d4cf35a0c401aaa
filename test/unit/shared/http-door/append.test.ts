import { ClientError } from '../../../../shared/errors.ts';
import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { type DoorRequest, type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { openTopics } from '../../../helpers/store-engine.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const TEXT = { 'Content-Type': 'text/plain' } as const;

const by = (epoch: number | string, seq: number | string, id = 'p') => ({
  'Producer-Id': id,
  'Producer-Epoch': String(epoch),
  'Producer-Seq': String(seq),
});

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

/** Creates a stream of JSON, and returns its topic. */
async function created(headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<string> {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers });
  return topic;
}

const post = (topic: string, body = '', headers: DoorRequest['headers'] = {}) =>
  door.ask('POST', topic, { headers: { ...JSON_TYPE, ...headers }, body });

const codeOf = ({ text }: { readonly text: string }): unknown => JSON.parse(text).code;

const contentOf = async (topic: string) => (await door.ask('GET', topic)).text;

describe('a POST', () => {
  it('appends its messages in order, and says where the stream ends', async () => {
    const topic = await created();

    const first = await post(topic, '[1,2]');
    const second = await post(topic, '{"a":[3]}');

    expect([first.status, second.status]).toEqual([204, 204]);
    expect(first.headers['stream-next-offset']).toMatch(/_0{15}2$/);
    expect(second.headers['stream-next-offset']).toMatch(/_0{15}3$/);
    expect(await contentOf(topic)).toBe('[1,2,{"a":[3]}]');
  });

  it('appends to a topic that was only published to, and goes on with its numbers', async () => {
    const topic = newTopic();
    await openTopics(door.engine).publish({ topic, messages: ['1'] });
    await door.archive(topic);

    const { headers } = await post(topic, '2');

    expect(headers['stream-next-offset']).toMatch(/_0{15}2$/);
    expect(await contentOf(topic)).toBe('[1,2]');
  });

  it.each([
    ['without a body', '', {}, 400, 'bad-request'],
    ['with an empty array', '[]', {}, 400, 'bad-request'],
    ['that is not JSON', '{', {}, 400, 'bad-json'],
    ['with a message over 28 KB', JSON.stringify('x'.repeat(30_000)), {}, 413, 'too-large'],
    [
      'with too many messages',
      JSON.stringify(Array.from({ length: HTTP_BOUNDS.MESSAGES + 1 }, () => 1)),
      {},
      413,
      'too-large',
    ],
    ['of another content type', 'x', TEXT, 409, 'content-type'],
    ['with two of a producer’s three headers', '1', { 'Producer-Id': 'p', 'Producer-Seq': '0' }, 400, 'bad-request'],
    ['of a producer without a name', '1', by(0, 0, ''), 400, 'bad-request'],
    ['of a producer with too long a name', '1', by(0, 0, 'x'.repeat(HTTP_BOUNDS.NAME_LENGTH + 1)), 400, 'bad-request'],
    ['of a producer with a number that is none', '1', by('1e3', 0), 400, 'bad-request'],
    ['of a producer with a number beyond what is exact', '1', by(0, '9007199254740993'), 400, 'bad-request'],
    ['with an empty Stream-Seq', '1', { 'Stream-Seq': '' }, 400, 'bad-request'],
  ])('%s is refused, and appends nothing', async (...[, body, headers, status, code]) => {
    const topic = await created();

    const refused = await post(topic, body, headers);

    expect([refused.status, codeOf(refused)]).toEqual([status, code]);
    expect(refused.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(await contentOf(topic)).toBe('[]');
  });

  it('without a content type is refused', async () => {
    expect((await door.ask('POST', await created(), { body: '1' })).status).toBe(400);
  });

  it('to no stream, or to a counter’s topic, finds nothing', async () => {
    const topic = newTopic();

    expect([(await post(topic, '1')).status, (await post('counter:x', '1')).status]).toEqual([404, 404]);
  });

  it('is checked by the schema of its topic before it is written', async () => {
    const topic = await created();
    const ask = door.with({
      checkValues: async (_, values) => {
        if (values.includes(2)) throw new ClientError('bad-data', 'Two is no news.');
      },
    });

    const refused = await ask('POST', topic, { headers: JSON_TYPE, body: '[1,2]' });

    expect([refused.status, codeOf(refused)]).toEqual([400, 'bad-data']);
    expect(await contentOf(topic)).toBe('[]');
  });

  it('carries the subject of its token', async () => {
    const topic = await created();
    await door.with({ admit: async () => ({ subject: 'ann', isPrivate: true }) })('POST', topic, {
      headers: JSON_TYPE,
      body: '1',
    });

    expect((await door.deps.streams.find(topic))?.newest).toMatchObject([{ from: 'ann', message: '1' }]);
  });
});

describe('Stream-Seq', () => {
  it('lets only later writes in, in the order of texts', async () => {
    const topic = await created();
    const statuses = [];
    for (const seq of ['b', 'a', 'b', 'ba', 'c'])
      statuses.push((await post(topic, `"${seq}"`, { 'Stream-Seq': seq })).status);

    expect(statuses).toEqual([204, 409, 409, 204, 204]);
    expect(await contentOf(topic)).toBe('["b","ba","c"]');
  });
});

describe('a warm Lambda', () => {
  /** Opens another store, whose calls are counted. */
  function counting() {
    const client = door.engine.newClient();
    const calls: string[] = [];
    intercept(client, ({ command, proceed }) => {
      calls.push(command);
      return proceed();
    });
    return { calls, ask: door.with({ streams: door.newStore({ client, unretriedClient: client }) }) };
  }

  it('appends by one write and no read to a stream that it wrote to', async () => {
    const topic = await created();
    const { calls, ask } = counting();
    await ask('POST', topic, { headers: JSON_TYPE, body: '1' });
    calls.length = 0;

    await ask('POST', topic, { headers: JSON_TYPE, body: '2' });

    expect(calls).toEqual(['UpdateItemCommand']);
    expect(await contentOf(topic)).toBe('[1,2]');
  });

  it('appends to the new stream of a name that was deleted meanwhile', async () => {
    const topic = await created();
    const { ask } = counting();
    await ask('POST', topic, { headers: JSON_TYPE, body: '1' });
    await door.ask('DELETE', topic);
    await door.ask('PUT', topic, { headers: JSON_TYPE });

    expect((await ask('POST', topic, { headers: JSON_TYPE, body: '2' })).status).toBe(204);
    expect(await contentOf(topic)).toBe('[2]');
  });

  it('gives up beside writers that change its stream each time, and says when to come again', async () => {
    const topic = await created();
    const client = door.engine.newClient();
    const streams = door.newStore({ client, unretriedClient: client });
    let lives = 0;
    intercept(client, async ({ command, proceed }) => {
      if (command !== 'UpdateItemCommand') return proceed();
      // Between its read and its write somebody else deletes the stream, and creates it anew.
      lives += 1;
      await door.ask('DELETE', topic);
      await door.ask('PUT', topic, { headers: JSON_TYPE });
      return proceed();
    });

    const refused = await door.with({ streams })('POST', topic, { headers: JSON_TYPE, body: '1' });

    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(lives).toBe(STORE_BOUNDS.STREAM_ATTEMPTS);
    expect(await contentOf(topic)).toBe('[]');
  });

  it('repeats a write that DynamoDB refused for its rate, and no other', async () => {
    const topic = await created();
    const failing = (error: Error) => {
      const client = door.engine.newClient();
      let isFirst = true;
      intercept(client, async ({ command, proceed }) => {
        if (command !== 'UpdateItemCommand' || !isFirst) return proceed();
        isFirst = false;
        throw error;
      });
      return door.with({ streams: door.newStore({ client, unretriedClient: client }) });
    };
    const throttled = Object.assign(new Error('too fast'), { name: 'ProvisionedThroughputExceededException' });
    const unknown = Object.assign(new Error('lost'), { name: 'TimeoutError' });

    const repeated = await failing(throttled)('POST', topic, { headers: JSON_TYPE, body: '1' });

    expect(repeated.status).toBe(204);
    await expect(failing(unknown)('POST', topic, { headers: JSON_TYPE, body: '2' })).rejects.toThrow('lost');
    expect(await contentOf(topic)).toBe('[1]');
  });
});
