import { once } from 'node:events';
import type { AuthorizerModel } from '../../../../local/model.ts';
import {
  gate,
  openClient,
  openKnown,
  openRaw,
  refusedStatus,
  startHarness,
  stopAll,
  type SeenEvent,
} from './gateway-harness.ts';
import { upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

const METHOD_ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api123/live/$connect';

function authorizer(identitySources: string[], permitted = true): { connectAuthorizer: AuthorizerModel } {
  return { connectAuthorizer: { functionArn: 'arn:aws:lambda:::function:auth', identitySources, permitted } };
}

const TOKEN_IN_QUERY = authorizer(['route.request.querystring.token']);

const ALLOW_ALL = { Action: '*', Effect: 'Allow', Resource: '*' };
const DENY_ALL = { ...ALLOW_ALL, Effect: 'Deny' };

function policy(effect: string, more: object = {}, resource: string | string[] = METHOD_ARN): unknown {
  const statement = { Action: 'execute-api:Invoke', Effect: effect, Resource: resource };
  return { principalId: 'ann', policyDocument: { Version: '2012-10-17', Statement: [statement] }, ...more };
}

describe('the authorizer', () => {
  it('sees the whole request and lets a connection in', async () => {
    const harness = await startHarness({ api: TOKEN_IN_QUERY, script: { auth: () => policy('Allow') } });

    await openKnown(harness, '?token=t');
    const event = await harness.event('auth');

    expect(Object.keys(event)).toEqual([
      'type',
      'methodArn',
      'headers',
      'multiValueHeaders',
      'queryStringParameters',
      'multiValueQueryStringParameters',
      'stageVariables',
      'requestContext',
    ]);
    expect(event).toMatchObject({ type: 'REQUEST', methodArn: METHOD_ARN, queryStringParameters: { token: 't' } });
    expect(event.headers).toMatchObject({ Connection: 'upgrade', Upgrade: 'websocket', 'content-length': '0' });
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it('gives its context to every event of the connection, as strings', async () => {
    const context = { role: 'admin', level: 3, ratio: 0.5, large: 1_790_000_000_000, ok: true, none: '' };
    const harness = await startHarness({ api: TOKEN_IN_QUERY, script: { auth: () => policy('Allow', { context }) } });
    const client = await openKnown(harness, '?token=t');

    client.send({ action: 'quiet' });
    const message = await harness.event('quiet');
    client.ws.close();
    const events: SeenEvent[] = [await harness.event('connect'), message, await harness.event('disconnect')];

    const expected = {
      role: 'admin',
      level: '3',
      ratio: '0.5',
      large: '1790000000000',
      ok: 'true',
      none: '',
      principalId: 'ann',
      integrationLatency: expect.any(Number),
    };
    expect(events.map(({ requestContext }) => requestContext['authorizer'])).toEqual([expected, expected, expected]);
    expect(Object.keys(events[0]?.requestContext ?? {})[1]).toBe('authorizer');
  });

  it.each([
    ['query parameter', TOKEN_IN_QUERY, { query: '', headers: {} }],
    [
      'one of two',
      authorizer(['route.request.querystring.token', 'route.request.header.X-Key']),
      { query: '?token=t', headers: {} },
    ],
    ['header that is empty', authorizer(['route.request.header.X-Key']), { query: '', headers: { 'X-Key': '' } }],
  ])('is not asked without its %s: 401', async (_what, api, { query, headers }) => {
    const harness = await startHarness({ api, script: { auth: () => policy('Allow') } });

    expect(await refusedStatus(harness.url + query, { headers })).toBe(401);
    expect(harness.seen('auth')).toEqual([]);
  });

  it('is always asked when it has no identity sources, also about a request without any token', async () => {
    const harness = await startHarness({ api: authorizer([]), script: { auth: () => policy('Allow') } });

    await openClient(harness.url);
    await openClient(`${harness.url}?token=t`);

    expect(harness.seen('auth')).toHaveLength(2);
    expect(await harness.event('auth')).toMatchObject({ queryStringParameters: {} });
  });

  it('sees the offered subprotocols, so that a token may come among them', async () => {
    const headers = { 'Sec-WebSocket-Protocol': 'distributary.v1' };
    const harness = await startHarness({
      api: authorizer([]),
      script: { auth: () => policy('Allow'), connect: () => ({ statusCode: 200, headers }) },
    });

    await openClient(harness.url, { protocols: ['distributary.v1', 'token.abc'] });

    const event = await harness.event('auth');
    expect(event.headers).toMatchObject({ 'Sec-WebSocket-Protocol': 'distributary.v1,token.abc' });
  });

  it('gives its context to $disconnect too when the client left before $connect had answered', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({
      api: authorizer([]),
      script: { auth: () => policy('Allow', { context: { role: 'admin' } }), connect: () => answer.wait },
    });
    const socket = await openRaw(harness);
    socket.write(upgradeText());
    await harness.event('connect');

    socket.destroy();
    await once(socket, 'close');
    answer.open({ statusCode: 200 });

    const { requestContext } = await harness.event('disconnect');
    expect(requestContext['authorizer']).toMatchObject({ role: 'admin', principalId: 'ann' });
  });

  it('finds a header whatever its case', async () => {
    const api = authorizer(['route.request.header.x-key']);
    const harness = await startHarness({ api, script: { auth: () => policy('Allow') } });

    await openClient(harness.url, { client: { headers: { 'X-Key': 'k' } } });

    expect(harness.seen('auth')).toHaveLength(1);
  });

  it.each<[number, string, () => unknown]>([
    [401, 'throws Unauthorized', () => Promise.reject(new Error('Unauthorized'))],
    [500, 'throws anything else', () => Promise.reject(new Error('unauthorized, somehow'))],
    [403, 'denies', () => policy('Deny')],
    [403, 'allows something else', () => policy('Allow', {}, 'arn:aws:execute-api:eu-west-1:123456789012:other/*')],
    [403, 'allows and denies', () => policy('Allow', { policyDocument: { Statement: [ALLOW_ALL, DENY_ALL] } })],
    [500, 'returns no policy', () => ({ statusCode: 401 })],
    [500, 'returns nothing', () => undefined],
    [500, 'names no principal', () => policy('Allow', { principalId: undefined })],
    [500, 'has null in its context', () => policy('Allow', { context: { a: null } })],
    [500, 'has a list in its context', () => policy('Allow', { context: { a: ['b'] } })],
    [500, 'has an object in its context', () => policy('Allow', { context: { a: {} } })],
    [500, 'returns more than 8 KB', () => policy('Allow', { context: { a: 'x'.repeat(8192) } })],
  ])('refuses with %i when it %s', async (status, _what, auth) => {
    const harness = await startHarness({ api: TOKEN_IN_QUERY, script: { auth } });

    expect(await refusedStatus(`${harness.url}?token=t`)).toBe(status);
    expect(harness.seen('connect')).toEqual([]);
  });

  it.each(['*', 'arn:aws:execute-api:*:*:api123/live/*', ['x', 'arn:aws:execute-api:eu-west-?:*']])(
    'may allow by the pattern %p',
    async (resource) => {
      const harness = await startHarness({
        api: TOKEN_IN_QUERY,
        script: { auth: () => policy('Allow', {}, resource) },
      });

      expect(await openClient(`${harness.url}?token=t`)).toBeDefined();
    },
  );

  it('that takes too long, or may not be invoked, refuses with 500', async () => {
    const never = gate();
    const slow = await startHarness({
      api: TOKEN_IN_QUERY,
      limits: { authorizerTimeoutMs: 50 },
      script: { auth: () => never.wait },
    });
    const unpermitted = await startHarness({ api: authorizer([], false) });

    expect(await refusedStatus(`${slow.url}?token=t`)).toBe(500);
    expect(await refusedStatus(unpermitted.url)).toBe(500);
  });

  it('with an identity source that is not known does not start', async () => {
    const starting = startHarness({ api: authorizer(['context.identity']) });

    await expect(starting).rejects.toMatchObject({ name: 'RuntimeSetupError' });
  });
});
