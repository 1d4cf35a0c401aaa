import { ERROR_CODES } from '../../../shared/protocol/error-codes.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('$default', () => {
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

  async function send(frame: unknown, connectionId = 'C1='): Promise<unknown> {
    const { handler } = await import('../../../handlers/default.ts');
    return invokeRoute(handler, frame, connectionId);
  }

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);
  const topicsOf = async (id: string) =>
    (await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === id)).map(
      ({ topic }) => topic?.S,
    );

  it.each([
    ['ping', 'pong'],
    ['Marko?', 'Polo!'],
    [' ping\n', 'pong'],
  ])('answers the plain text %j with %s', async (text, answer) => {
    expect(await send(text)).toBe(answer);
  });

  it.each(['hello', '', 'PING', '{', 'marko?', '{"action":'])(
    'answers %j, which is not JSON, with an error',
    async (text) => {
      expect(await send(text)).toEqual({ type: 'error', code: 'bad-json', message: ERROR_CODES['bad-json'] });
    },
  );

  it.each(['"ping"', '"Marko?"', '7', 'null', '[]', '{}', '{"type":"toString"}', '{"text":"ping"}', '{"action":7}'])(
    'answers %s, which names no action, with an error',
    async (text) => {
      expect(await send(text)).toMatchObject({
        type: 'error',
        code: 'bad-frame',
        details: [{ path: 'action', reason: 'required' }],
      });
    },
  );

  it('answers an unknown action with the frame’s id and the start of the action’s name', async () => {
    const long = 'x'.repeat(10_000);

    const answers = [await send({ action: 'sendmessage', id: '1' }), await send({ action: long })];

    expect(answers).toMatchObject([
      { type: 'error', code: 'unknown-action', id: '1', action: 'sendmessage' },
      { type: 'error', code: 'unknown-action', action: 'x'.repeat(LIMITS.ECHO_LENGTH) },
    ]);
  });

  it('does not handle an action of another route', async () => {
    expect(await send({ action: 'publish', topic: 'news', data: 1 })).toMatchObject({ code: 'unknown-action' });
    expect(await headOf('news')).toBeUndefined();
  });

  it('subscribes and unsubscribes by type', async () => {
    const silent = await send({ type: 'subscribe', topic: 'typed' }, 'T1=');
    const subscribed = await topicsOf('T1=');
    const ack = await send({ type: 'unsubscribe', topic: 'typed', id: '1' }, 'T1=');

    expect(silent).toBeUndefined();
    expect(subscribed).toContain('typed');
    expect(ack).toEqual({ type: 'ack', id: '1', action: 'unsubscribe', topic: 'typed' });
    expect(await topicsOf('T1=')).not.toContain('typed');
  });

  it.each([
    [{ type: 'message', topic: 'typed/a', data: { n: 1 } }, 'typed/a', '{"n":1}'],
    [{ type: 'message', topic: 'typed/b', message: 'hi' }, 'typed/b', '"hi"'],
    [{ type: 'message', message: 'to all' }, 'everyone', '"to all"'],
  ])('publishes by type: %j', async (frame, topic, message) => {
    expect(await send(frame)).toBeUndefined();
    expect(await headOf(topic)).toMatchObject({ message });
  });

  it.each([
    [{ type: 'message', id: '1' }, 'bad-frame'],
    [{ type: 'subscribe', id: '1' }, 'bad-frame'],
    [{ type: 'subscribe', topic: 'a', id: '1', text: 'x' }, 'bad-frame'],
    [{ type: 'subscribe', topic: '/a', id: '1' }, 'bad-topic'],
    [{ type: 'message', topic: 'counter:global-counter', data: 1, id: '1' }, 'bad-topic'],
  ])('refuses %j with %s', async (frame, code) => {
    expect(await send(frame)).toMatchObject({ type: 'error', code, id: '1' });
  });

  it('refuses a text over the limit of a frame', async () => {
    expect(await send('x'.repeat(LIMITS.FRAME_BYTES + 1))).toMatchObject({ type: 'error', code: 'too-large' });
  });

  it.each(['ping', 'Marko?'])('refuses the plain text %s with blanks around it that exceed the limit', async (text) => {
    const padded = (bytes: number) => `${' '.repeat(bytes - text.length - 1)}${text}\n`;

    const [at, past] = [await send(padded(LIMITS.FRAME_BYTES)), await send(padded(LIMITS.FRAME_BYTES + 1))];

    expect(at).toMatch(/^(pong|Polo!)$/);
    expect(past).toMatchObject({ type: 'error', code: 'too-large' });
  });
});
