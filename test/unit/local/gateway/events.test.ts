import { openClient, openRaw, route, ROUTES, startHarness, stopAll } from './gateway-harness.ts';
import { upgradeText } from './raw-websocket.ts';

afterEach(stopAll);

const ID = /^[\w-]{15}=$|^[\w-]{18}==$/;
const NOW = Date.UTC(2024, 1, 9, 18, 11, 43, 420);

describe('the event of $connect', () => {
  it('has the fields of API Gateway in its order', async () => {
    const harness = await startHarness({ deps: { now: () => NOW } });

    await openClient(harness.url, { client: { headers: { 'User-Agent': 'tester', 'X-Forwarded-For': '192.0.2.7' } } });
    const event = await harness.event('connect');

    expect(Object.keys(event)).toEqual(['headers', 'multiValueHeaders', 'requestContext', 'isBase64Encoded']);
    expect(Object.entries(event.requestContext)).toEqual([
      ['routeKey', '$connect'],
      ['eventType', 'CONNECT'],
      ['extendedRequestId', expect.stringMatching(ID)],
      ['requestTime', '09/Feb/2024:18:11:43 +0000'],
      ['messageDirection', 'IN'],
      ['stage', 'live'],
      ['connectedAt', NOW],
      ['requestTimeEpoch', NOW],
      ['identity', { userAgent: 'tester', sourceIp: '127.0.0.1' }],
      ['requestId', event.requestContext['extendedRequestId']],
      ['domainName', 'api123.execute-api.eu-west-1.amazonaws.com'],
      ['connectionId', expect.stringMatching(ID)],
      ['apiId', 'api123'],
    ]);
    expect(event.headers).toEqual({
      Host: `127.0.0.1:${harness.gateway.port}`,
      'Sec-WebSocket-Key': expect.any(String),
      'Sec-WebSocket-Version': '13',
      'User-Agent': 'tester',
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-65c66adf-[\da-f]{24}$/),
      'X-Forwarded-For': '192.0.2.7, 127.0.0.1',
      'X-Forwarded-Port': String(harness.gateway.port),
      'X-Forwarded-Proto': 'http',
    });
  });

  it('has no userAgent when the client sent none, and keeps every value of a repeated header', async () => {
    const harness = await startHarness();
    const socket = await openRaw(harness);

    socket.write(upgradeText('/live', 'Cookie: a\r\nCookie: b\r\n__proto__: c\r\n'));
    const event = await harness.event('connect');

    expect(event.requestContext['identity']).toEqual({ sourceIp: '127.0.0.1' });
    expect(event.headers?.['Cookie']).toBe('b');
    expect(event.multiValueHeaders?.['Cookie']).toEqual(['a', 'b']);
    expect(Object.entries(event.headers ?? {})).toContainEqual(['__proto__', 'c']);
  });

  it('has the query in both forms, only when there is one', async () => {
    const harness = await startHarness();

    await openClient(`${harness.url}?topics=a%2Cb&x=1&x=2&none=`);
    await openClient(`${harness.url}?`);

    expect(await harness.event('connect', 0)).toMatchObject({
      queryStringParameters: { topics: 'a,b', x: '2', none: '' },
      multiValueQueryStringParameters: { topics: ['a,b'], x: ['1', '2'], none: [''] },
    });
    expect(Object.keys(await harness.event('connect', 1))).not.toContain('queryStringParameters');
  });
});

describe('the event of a message', () => {
  it('has only context and body', async () => {
    const harness = await startHarness({ deps: { now: () => NOW } });
    const client = await openClient(`${harness.url}?topics=a`, { client: { headers: { 'User-Agent': 'tester' } } });

    client.send('{"action": "quiet"}');
    const event = await harness.event('quiet');

    expect(Object.keys(event)).toEqual(['requestContext', 'body', 'isBase64Encoded']);
    expect(event.body).toBe('{"action": "quiet"}');
    expect(Object.keys(event.requestContext)).toEqual([
      'routeKey',
      'messageId',
      'eventType',
      'extendedRequestId',
      'requestTime',
      'messageDirection',
      'stage',
      'connectedAt',
      'requestTimeEpoch',
      'identity',
      'requestId',
      'domainName',
      'connectionId',
      'apiId',
    ]);
    expect(event.requestContext).toMatchObject({ routeKey: 'quiet', eventType: 'MESSAGE', messageDirection: 'IN' });
    expect(event.requestContext['messageId']).not.toBe(event.requestContext['requestId']);
  });

  it('names the route $default when the message fell back to it', async () => {
    const harness = await startHarness({ routes: [...ROUTES, route('$default', 'fallback')] });
    const client = await openClient(harness.url);

    client.send({ action: 'unheard-of' });

    expect((await harness.event('fallback')).requestContext['routeKey']).toBe('$default');
  });
});

describe('the event of $disconnect', () => {
  it('has the odd headers and the close in AWS order', async () => {
    const harness = await startHarness();
    const client = await openClient(harness.url);

    client.ws.close();
    const event = await harness.event('disconnect');

    const Host = `127.0.0.1:${harness.gateway.port}`;
    expect(event.headers).toEqual({ Host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' });
    expect(event.multiValueHeaders).toMatchObject({ Host: [Host], 'x-api-key': [''] });
    expect(Object.keys(event.requestContext).slice(0, 8)).toEqual([
      'routeKey',
      'disconnectStatusCode',
      'eventType',
      'extendedRequestId',
      'requestTime',
      'messageDirection',
      'disconnectReason',
      'stage',
    ]);
  });
});
