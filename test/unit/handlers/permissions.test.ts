import { toContext } from '../../../shared/auth/authorizer-context.ts';
import { NO_PERMISSIONS, type Permissions, type Principal } from '../../../shared/auth/permissions.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import type { Action } from '../../../shared/protocol/client-frames.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { authorized, connectEvent, lambdaContext, messageEvent } from '../../helpers/lambda-events.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

interface Result {
  readonly statusCode: number;
  readonly body?: string;
}

const FRAMES = {
  subscribe: { topic: 'news' },
  publish: { topic: 'news', data: 1 },
  plus: { counter: 'votes' },
  minus: { counter: 'votes' },
  onMessage: { message: 'hello' },
  ping: { positions: { news: { epoch: null, seq: 0 } } },
  setPresence: { topic: 'news', state: { typing: true } },
} as const satisfies Readonly<Record<Exclude<Action, 'unsubscribe'>, object>>;

const ALL: Permissions = { subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'] };

const all = () => true;

const principal = (permissions: Partial<Permissions>, fields: Partial<Principal> = {}): Principal => ({
  subject: 'ann',
  tokenEnd: Date.now() + 60_000,
  permissions: { ...NO_PERMISSIONS, ...permissions },
  revoked: [],
  seen: 0,
  checkedAt: Date.now(),
  ...fields,
});

describe('a stack that authenticates', () => {
  let engine: StoreEngine;
  let restore: () => void;

  beforeAll(async () => {
    engine = await startStoreEngine();
    restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
    process.env[ENVIRONMENT.auth] = 'on';
  });

  afterAll(async () => {
    restore();
    await engine.stop();
  });

  async function invoke(file: string, event: object): Promise<Result> {
    const { handler }: { handler: (event: object, context: object) => Promise<Result> } = await import(
      `../../../handlers/${file}.ts`
    );
    return handler(event, lambdaContext);
  }

  const fileOf = (action: string): string => action.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);

  async function send(
    frame: Readonly<Record<string, unknown>> & { readonly action: string },
    sender: Principal | undefined,
    file = fileOf(frame.action),
  ): Promise<unknown> {
    const event = messageEvent('P1=', { id: 'r1', ...frame });
    const { body } = await invoke(file, sender === undefined ? event : authorized(event, toContext(sender)));
    return body === undefined ? undefined : JSON.parse(body);
  }

  const rowsOf = (id: string) => scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === id);

  it.each(Object.entries(FRAMES))('takes a permitted %s', async (action, fields) => {
    expect(await send({ action, ...fields }, principal(ALL))).toMatchObject({
      type: action === 'ping' ? 'pong' : 'ack',
    });
  });

  it.each(Object.entries(FRAMES))(
    'refuses a %s that the token does not permit, and writes nothing',
    async (action, fields) => {
      const before = [await scan(engine, TABLE_NAMES.topics, all), await scan(engine, TABLE_NAMES.subscriptions, all)];

      const answer = await send({ action, ...fields }, principal({}));

      expect(answer).toMatchObject({ type: 'error', code: 'forbidden', id: 'r1', action });
      expect([await scan(engine, TABLE_NAMES.topics, all), await scan(engine, TABLE_NAMES.subscriptions, all)]).toEqual(
        before,
      );
    },
  );

  it.each(Object.entries({ ...FRAMES, unsubscribe: { topic: 'news' } }))(
    'refuses a %s after the token’s end',
    async (action, fields) => {
      const answer = await send({ action, ...fields }, principal(ALL, { tokenEnd: Date.now() - 1 }));

      expect(answer).toMatchObject({ type: 'error', code: 'token-expired' });
    },
  );

  it.each(Object.entries(FRAMES))('refuses a %s of a connection that was not authenticated', async (action, fields) => {
    expect(await send({ action, ...fields }, undefined)).toMatchObject({ type: 'error', code: 'forbidden' });
  });

  it('asks for presence apart from a subscription', async () => {
    const subscriber = principal({ subscribe: ['news'] });

    expect(await send({ action: 'subscribe', topic: 'news', presence: true }, subscriber)).toMatchObject({
      code: 'forbidden',
      message: 'The token does not permit presence on news.',
    });
    expect(await send({ action: 'subscribe', topic: 'news' }, subscriber)).toMatchObject({ type: 'ack' });
  });

  it.each([
    ['publish', { type: 'message', topic: 'typed', data: 1 }],
    ['subscribe', { type: 'subscribe', topic: 'typed' }],
  ])('asks a %s by its type for the same permission', async (_, frame) => {
    const body = JSON.stringify(frame);
    const refused = await invoke('default', authorized(messageEvent('P1=', body), toContext(principal({}))));

    expect(JSON.parse(refused.body ?? '')).toMatchObject({ type: 'error', code: 'forbidden' });
  });

  it('answers a plain ping without a permission, but not after the token’s end', async () => {
    const ping = messageEvent('P1=', 'ping');

    const alive = await invoke('default', authorized(ping, toContext(principal({}))));
    const ended = await invoke('default', authorized(ping, toContext(principal({}, { tokenEnd: 1 }))));

    expect(alive.body).toBe('pong');
    expect(JSON.parse(ended.body ?? '')).toMatchObject({ code: 'token-expired' });
  });

  it('writes the publisher’s subject into the message, whatever the client claims', async () => {
    await send({ action: 'publish', topic: 'signed', data: { from: 'bob' } }, principal(ALL));

    expect(await findHead(engine.client, TABLE_NAMES.topics, 'signed')).toMatchObject({
      from: 'ann',
      message: '{"from":"bob"}',
    });
    expect(await send({ action: 'publish', topic: 'signed', data: 1, from: 'bob' }, principal(ALL))).toMatchObject({
      code: 'bad-frame',
    });
  });

  it('keeps the keys of two subjects apart', async () => {
    const frame = { action: 'publish', topic: 'keyed', key: 'k', data: 1 };
    const bob = principal(ALL, { subject: 'bob' });

    const first = await send(frame, principal(ALL));
    const repeated = await send(frame, principal(ALL));
    const other = await send({ ...frame, data: 2 }, bob);

    expect(first).toMatchObject({ seq: 1 });
    expect(repeated).toEqual(first);
    expect(other).toMatchObject({ type: 'ack', seq: 2 });
    expect(await send({ action: 'plus', counter: 'keyed', key: 'k' }, principal(ALL))).toMatchObject({ value: 1 });
    expect(await send({ action: 'plus', counter: 'keyed', key: 'k' }, bob)).toMatchObject({ value: 2 });
  });

  it('writes the token’s end into each subscription, for the deliveries', async () => {
    const ann = principal(ALL);
    await send({ action: 'subscribe', topic: 'ending' }, ann);

    const [record] = await scan(engine, TABLE_NAMES.subscriptions, ({ topic }) => topic?.S === 'ending');
    expect(record?.['tokenEnd']).toEqual({ N: String(ann.tokenEnd) });
  });

  describe('at $connect', () => {
    const open = (id: string, client: Principal, query?: Readonly<Record<string, readonly string[]>>) =>
      invoke('connect', authorized(connectEvent(id, query === undefined ? {} : { query }), toContext(client)));

    it('subscribes to the permitted topics of the URL, and records those that are refused', async () => {
      const ann = principal({ subscribe: ['a', 'news/*'] });

      const result = await open('C1=', ann, { topics: ['a,b,news/x,news'] });

      expect(result.statusCode).toBe(200);
      const rows = await rowsOf('C1=');
      expect(rows.map(({ topic }) => topic?.S ?? '').toSorted()).toEqual(['@connection', '@refused', 'a', 'news/x']);
      const refused = rows.find(({ topic }) => topic?.S === '@refused')?.['refused'];
      expect(refused).toEqual({ L: [{ S: 'b' }, { S: 'news' }] });
    });

    it('leaves out the default topics that are not permitted, without a word', async () => {
      await open('C2=', principal({ subscribe: ['everyone'] }));

      expect((await rowsOf('C2=')).map(({ topic }) => topic?.S ?? '').toSorted()).toEqual(['@connection', 'everyone']);
    });

    it.each([
      ['whose token has ended', toContext(principal(ALL, { tokenEnd: Date.now() - 1 }))],
      ['whose authorization is too old', toContext(principal(ALL, { checkedAt: Date.now() - 5_001 }))],
      ['that was not authenticated', {}],
      ['whose context is foreign', { sub: 'ann', permissions: '{}' }],
    ])('answers 403 to a connection %s, and writes nothing', async (_, context) => {
      const result = await invoke('connect', authorized(connectEvent('C3='), context));

      expect(result).toEqual({ statusCode: 403 });
      expect(await rowsOf('C3=')).toEqual([]);
    });
  });
});
