import { LIMITS } from '../../../shared/protocol/limits.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import {
  connectEvent,
  type ConnectOptions,
  disconnectEvent,
  lambdaContext,
  messageEvent,
} from '../../helpers/lambda-events.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('$connect and $disconnect', () => {
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

  async function connect(connectionId: string, options: ConnectOptions = {}): Promise<unknown> {
    const { handler } = await import('../../../handlers/connect.ts');
    return handler(connectEvent(connectionId, options), lambdaContext);
  }

  const topicsOf = async (id: string) =>
    (await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === id))
      .map(({ topic }) => topic?.S ?? '')
      .filter((topic) => topic !== '@connection')
      .sort();

  it('subscribes to the default topics when the URL names none', async () => {
    expect(await connect('D1=')).toEqual({ statusCode: 200 });
    expect(await topicsOf('D1=')).toEqual(['counter:global-counter', 'everyone']);
  });

  it.each([
    [['a,b/c'], ['a', 'b/c']],
    [['a,a,'], ['a']],
    [
      ['a', 'b/c'],
      ['a', 'b/c'],
    ],
    [
      ['a,b', 'b,c', ''],
      ['a', 'b', 'c'],
    ],
    [['counter:votes'], ['counter:votes']],
    [[''], []],
  ])('subscribes to topics=%j instead', async (topics, subscribed) => {
    const result = await connect(`Q${topics.join('&')}=`, { query: { topics } });

    expect(result).toEqual({ statusCode: 200 });
    expect(await topicsOf(`Q${topics.join('&')}=`)).toEqual(subscribed);
    const records = await scan(
      engine,
      TABLE_NAMES.subscriptions,
      ({ connectionId }) => connectionId?.S === `Q${topics.join('&')}=`,
    );
    expect(records).toHaveLength(subscribed.length + 1);
  });

  it.each([
    [{ topics: ['a'], batch: ['true'] }, true],
    [{ topics: ['a'] }, undefined],
  ])('subscribes by %j to what may come several in a frame: %p', async (query, batch) => {
    const connectionId = `B-${JSON.stringify(query)}=`;

    await connect(connectionId, { query });

    const [record] = await scan(
      engine,
      TABLE_NAMES.subscriptions,
      ({ connectionId: id, topic }) => id?.S === connectionId && topic?.S === 'a',
    );
    expect(record?.['batch']?.BOOL).toBe(batch);
  });

  it.each([
    ['news@1f2e3d4c:17', { M: { epoch: { S: '1f2e3d4c' }, seq: { N: '17' } } }],
    ['news@:0', { M: { seq: { N: '0' } } }],
    ['news@a@b:c:3', { M: { epoch: { S: 'a@b:c' }, seq: { N: '3' } } }],
    ['news', undefined],
  ])('subscribes by topics=%s from its position', async (topics, position) => {
    const connectionId = `P-${topics}=`;

    expect(await connect(connectionId, { query: { topics: [`other,${topics}`] } })).toEqual({ statusCode: 200 });

    const records = await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId: id }) => id?.S === connectionId);
    const positionOf = (name: string) => records.find(({ topic }) => topic?.S === name)?.['position'];
    expect(positionOf('news')).toEqual(position);
    expect(positionOf('other')).toBeUndefined();
  });

  it('accepts the token of a client library, which is for an authorizer', async () => {
    const accepted = await connect('Q-token=', { query: { token: ['abc'], topics: ['news'] } });

    expect(accepted).toMatchObject({ statusCode: 200 });
    expect(await topicsOf('Q-token=')).toEqual(['news']);
  });

  it('subscribes to the default topics when the query has no topics', async () => {
    await connect('Q-batch=', { query: { batch: ['true'] } });

    expect(await topicsOf('Q-batch=')).toEqual(['counter:global-counter', 'everyone']);
  });

  it.each([
    { batch: ['1'] },
    { batch: [''] },
    { batch: ['false'] },
    { batch: ['true', 'yes'] },
    { 'topics[]': ['a'] },
    { TOPICS: ['a'] },
    { Batch: ['true'] },
    { topic: ['a'] },
    { '': [''] },
    { topics: ['a'], presence: ['true'] },
  ])('refuses the query %j, as a frame with a misspelt option is refused, and records nothing', async (query) => {
    expect(await connect('W1=', { query })).toEqual({ statusCode: 400 });
    expect(await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === 'W1=')).toEqual([]);
  });

  it('accepts the maximum number of topics, and refuses one more', async () => {
    const topics = Array.from({ length: LIMITS.TOPICS_PER_CONNECTION + 1 }, (_, i) => `t${i}`);

    const most = await connect('M1=', { query: { topics: [topics.slice(1).join(',')] } });
    const tooMany = await connect('M2=', { query: { topics } });

    expect([most, tooMany]).toEqual([{ statusCode: 200 }, { statusCode: 400 }]);
    expect(await topicsOf('M1=')).toHaveLength(LIMITS.TOPICS_PER_CONNECTION);
    expect(await topicsOf('M2=')).toEqual([]);
  });

  it.each([
    '/a',
    'a b',
    'ok,ä',
    '@connection',
    '__proto__',
    'counter:',
    'counter:/a',
    'x'.repeat(LIMITS.TOPIC_LENGTH + 1),
    'a@',
    'a@:1',
    'a@e:',
    'a@e:-1',
    'a@e:1.5',
    'a@e:one',
    `a@${'e'.repeat(LIMITS.EPOCH_LENGTH + 1)}:1`,
    '@e:1',
    'a@e:1,a@e:2',
    'a@e:1,a',
    'a/*@e:1',
  ])('refuses topics=%s, and records nothing', async (topics) => {
    expect(await connect('B1=', { query: { topics: [topics] } })).toEqual({ statusCode: 400 });
    expect(await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === 'B1=')).toEqual([]);
  });

  it.each([
    [{ 'Sec-WebSocket-Protocol': 'distributary.v1, token.abc' }, true],
    [{ 'sec-websocket-protocol': 'chat,distributary.v1' }, true],
    [{ 'Sec-WebSocket-Protocol': 'distributary.v10' }, false],
    [{ 'Sec-WebSocket-Protocol': 'chat' }, false],
    [{}, false],
  ])('answers the subprotocol to %j: %s', async (headers, isAnswered) => {
    const result = await connect('P1=', { headers });

    expect(result).toEqual({
      statusCode: 200,
      ...(isAnswered ? { headers: { 'Sec-WebSocket-Protocol': 'distributary.v1' } } : {}),
    });
  });

  it('refuses an event that is not a handshake', async () => {
    const { handler } = await import('../../../handlers/connect.ts');

    expect(await handler(messageEvent('N1=', '{}'), lambdaContext)).toEqual({ statusCode: 400 });
  });

  it('deletes all records of a connection that ended, and none of another', async () => {
    const { handler } = await import('../../../handlers/disconnect.ts');
    await connect('X1=');
    await connect('X2=');

    const result = await handler(disconnectEvent('X1='), lambdaContext);

    expect(result).toEqual({ statusCode: 200 });
    expect(await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === 'X1=')).toEqual([]);
    expect(await topicsOf('X2=')).toHaveLength(2);
  });
});
