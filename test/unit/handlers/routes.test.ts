import type { Action } from '../../../shared/protocol/client-frames.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

const ROUTES = {
  subscribe: { topic: 'news' },
  unsubscribe: { topic: 'news' },
  publish: { topic: 'news', data: 1 },
  plus: {},
  minus: {},
  onMessage: { message: 'hello' },
} as const satisfies Readonly<Record<Exclude<Action, 'ping' | 'setPresence'>, object>>;
const FILES = { ...ROUTES, onMessage: 'on-message' } as const;
const EPOCH = expect.stringMatching(/^[0-9a-f]{8}$/) as string;

describe('a route', () => {
  let engine: StoreEngine;
  let restore: () => void;

  beforeAll(async () => {
    engine = await startStoreEngine();
    restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
  });

  afterAll(async () => {
    restore();
    await engine.stop();
  });

  /** Sends a frame to the route of its action. */
  async function send(frame: { action: string } & Record<string, unknown>, connectionId = 'C1='): Promise<unknown> {
    const file = frame.action === 'onMessage' ? FILES.onMessage : frame.action;
    const { handler }: { handler: unknown } = await import(`../../../handlers/${file}.ts`);
    return invokeRoute(handler, frame, connectionId);
  }

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);
  const recordsOf = (id: string) =>
    scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === id);

  it.each(Object.entries(ROUTES))('acknowledges %s with an id', async (action, fields) => {
    const answer = await send({ action, id: 'r1', ...fields });

    expect(answer).toMatchObject({ type: 'ack', id: 'r1', action });
  });

  it.each(Object.entries(ROUTES))('does not answer %s without an id', async (action, fields) => {
    expect(await send({ action, ...fields })).toBeUndefined();
  });

  it.each(Object.keys({ ...ROUTES, ping: {} }))(
    'answers a faulty %s with an error that has its id and action',
    async (action) => {
      const answer = await send({ action, id: 'r1', topic: 7, extra: true });

      expect(answer).toMatchObject({ type: 'error', code: 'bad-frame', id: 'r1', action });
      expect(answer).toHaveProperty('details');
    },
  );

  it('refuses setPresence where the stack does not authenticate: an anonymous member has no state', async () => {
    const { handler }: { handler: unknown } = await import('../../../handlers/set-presence.ts');
    await send({ action: 'subscribe', topic: 'stated' }, 'N1=');

    const answer = await invokeRoute(handler, { action: 'setPresence', id: '1', topic: 'stated', state: 1 }, 'N1=');

    expect(answer).toMatchObject({ type: 'error', code: 'forbidden', id: '1' });
    expect((await recordsOf('N1=')).some((record) => 'memberState' in record)).toBe(false);
  });

  it('answers a faulty frame without an id, or with an invalid one, too', async () => {
    const answers = await Promise.all([
      send({ action: 'subscribe' }),
      send({ action: 'subscribe', topic: 'a', id: 7 }),
    ]);

    expect(answers).toMatchObject([{ type: 'error' }, { type: 'error' }]);
    expect(answers.map((answer) => Object.hasOwn(answer as object, 'id'))).toEqual([false, false]);
  });

  it('subscribe writes the subscription with its options', async () => {
    const position = { epoch: 'e1', seq: 4 };

    const ack = await send({ action: 'subscribe', id: '1', topic: 'wanted', position, history: 3, batch: true }, 'S1=');

    expect(ack).toEqual({ type: 'ack', id: '1', action: 'subscribe', topic: 'wanted' });
    const record = (await recordsOf('S1=')).find(({ topic }) => topic?.S === 'wanted');
    expect(record).toMatchObject({
      position: { M: { epoch: { S: 'e1' }, seq: { N: '4' } } },
      history: { N: '3' },
      batch: { BOOL: true },
    });
  });

  it('subscribe with `before` leaves a request for older messages, and no ack: the history answers it', async () => {
    const before = { epoch: 'e1', seq: 9 };
    await send({ action: 'subscribe', topic: 'older', batch: true }, 'H1=');
    const subscribed = (await recordsOf('H1=')).find(({ topic }) => topic?.S === 'older');

    const answer = await send({ action: 'subscribe', id: '1', topic: 'older', before, history: 20 }, 'H1=');

    expect(answer).toBeUndefined();
    const { historyRequest, ...rest } = (await recordsOf('H1=')).find(({ topic }) => topic?.S === 'older') ?? {};
    expect(rest).toEqual(subscribed);
    expect(historyRequest).toMatchObject({
      M: { id: { S: '1' }, count: { N: '20' }, before: { M: { epoch: { S: 'e1' }, seq: { N: '9' } } } },
    });
  });

  it('subscribe with `before` refuses a topic that is not subscribed to', async () => {
    const before = { epoch: null, seq: 0 };

    const answer = await send({ action: 'subscribe', id: '1', topic: 'older', before, history: 1 }, 'H2=');

    expect(answer).toMatchObject({ type: 'error', code: 'not-subscribed', id: '1', action: 'subscribe' });
    expect(await recordsOf('H2=')).toEqual([]);
  });

  it('unsubscribe deletes the subscription', async () => {
    await send({ action: 'subscribe', topic: 'left' }, 'U1=');

    const ack = await send({ action: 'unsubscribe', id: '1', topic: 'left' }, 'U1=');

    expect(ack).toEqual({ type: 'ack', id: '1', action: 'unsubscribe', topic: 'left' });
    expect((await recordsOf('U1=')).map(({ topic }) => topic?.S)).toEqual(['@connection']);
  });

  it('subscribe refuses a topic over the limit', async () => {
    for (let i = 0; i < LIMITS.TOPICS_PER_CONNECTION; i += 1)
      await send({ action: 'subscribe', topic: `t${i}` }, 'MANY=');

    const answer = await send({ action: 'subscribe', id: '1', topic: 'one-more' }, 'MANY=');

    expect(answer).toMatchObject({ type: 'error', code: 'too-many-topics', id: '1', action: 'subscribe' });
  });

  it('publish acknowledges the position, and stores the data as JSON', async () => {
    const first = await send({ action: 'publish', id: '1', topic: 'posted', data: { é: [null] } });
    const second = await send({ action: 'publish', id: '2', topic: 'posted', data: null });

    expect(first).toEqual({ type: 'ack', id: '1', action: 'publish', topic: 'posted', epoch: EPOCH, seq: 1 });
    expect(second).toEqual({ ...(first as object), id: '2', seq: 2 });
    expect(await headOf('posted')).toMatchObject({ message: 'null' });
  });

  it.each([
    [false, 'E1='],
    [true, undefined],
    [undefined, undefined],
  ])('publish with echo %s excludes %s', async (echo, exclude) => {
    await send(
      { action: 'publish', topic: `echo-${String(echo)}`, data: 1, ...(echo === undefined ? {} : { echo }) },
      'E1=',
    );

    const head = await headOf(`echo-${String(echo)}`);

    expect(head && 'exclude' in head ? head.exclude : undefined).toBe(exclude);
  });

  it.each(['publish', 'plus', 'onMessage'] as const)(
    '%s with a key counts once, and gives the same ack',
    async (action) => {
      const fields = { ...ROUTES[action], ...(action === 'publish' ? { topic: 'keyed' } : {}), key: 'k1' };

      const first = await send({ action, id: '1', ...fields });
      const again = await send({ action, id: '2', ...fields });

      expect(again).toEqual({ ...(first as object), id: '2' });
    },
  );

  it('publish refuses the topic of a counter', async () => {
    const answer = await send({ action: 'publish', id: '1', topic: 'counter:a', data: 1 });

    expect(answer).toMatchObject({ type: 'error', code: 'bad-topic', id: '1', action: 'publish' });
    expect(await headOf('counter:a')).toBeUndefined();
  });

  it('publish refuses data over its limit', async () => {
    const answer = await send({ action: 'publish', id: '1', topic: 'large', data: 'x'.repeat(LIMITS.DATA_BYTES - 1) });

    expect(answer).toMatchObject({ type: 'error', code: 'too-large', id: '1', action: 'publish' });
    expect(await headOf('large')).toBeUndefined();
  });

  it('plus and minus change a counter and acknowledge its value', async () => {
    const plus = await send({ action: 'plus', id: '1', counter: 'votes', by: 5 });
    const minus = await send({ action: 'minus', id: '2', counter: 'votes', by: 7 });

    expect(plus).toEqual({ type: 'ack', id: '1', action: 'plus', counter: 'votes', value: 5, epoch: EPOCH, seq: 1 });
    expect(minus).toMatchObject({ action: 'minus', value: -2, seq: 2 });
  });

  it('plus changes the global counter by 1 when it names none', async () => {
    const before = await headOf('counter:global-counter');

    const ack = await send({ action: 'plus', id: '1' });

    const was = before?.kind === 'counter' ? before.value : 0;
    expect(ack).toMatchObject({ counter: 'global-counter', value: was + 1 });
  });

  it('plus and minus refuse to pass a bound', async () => {
    const answers = [
      await send({ action: 'plus', id: '1', counter: 'bounded', by: 2, max: 1 }),
      await send({ action: 'minus', id: '2', counter: 'bounded', by: 2, min: -1 }),
    ];

    expect(answers).toMatchObject([
      { type: 'error', code: 'out-of-bounds', id: '1', action: 'plus' },
      { type: 'error', code: 'out-of-bounds', id: '2', action: 'minus' },
    ]);
    expect(await headOf('counter:bounded')).toBeUndefined();
  });

  it('onMessage publishes to everyone', async () => {
    const ack = await send({ action: 'onMessage', id: '1', message: { text: 'hi' } });

    expect(ack).toMatchObject({ type: 'ack', action: 'onMessage', topic: 'everyone' });
    expect(await headOf('everyone')).toMatchObject({ message: '{"text":"hi"}' });
  });

  it('ping is answered, and writes the positions where catch-up reads them', async () => {
    const plain = await send({ action: 'ping' }, 'P0=');
    const answer = await send({ action: 'ping', id: '1', positions: { news: { epoch: null, seq: 0 } } }, 'P1=');

    expect([plain, answer]).toEqual([{ type: 'pong' }, { type: 'pong', id: '1' }]);
    expect(await recordsOf('P0=')).toEqual([]);
    expect(await recordsOf('P1=')).toMatchObject([
      { topic: { S: '@ping' }, positions: { M: { news: { M: { seq: { N: '0' } } } } } },
    ]);
  });

  it('ping keeps the positions of topics that are named like properties of any object', async () => {
    const text = '{"action":"ping","positions":{"toString":{"epoch":"e","seq":1},"constructor":{"epoch":"e","seq":2}}}';
    const { handler } = await import('../../../handlers/ping.ts');

    await invokeRoute(handler, text, 'P2=');

    const [record] = await recordsOf('P2=');
    expect(Object.keys(record?.['positions']?.M ?? {}).sort()).toEqual(['constructor', 'toString']);
  });
});
