import type { ServerResponse } from 'node:http';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { GatewayDeps } from '../../../../local/gateway/gateway.ts';
import type { ManagementApiRequest } from '../../../../local/gateway/management-api.ts';
import { gate, openClient, openKnown, startHarness, stopAll, type Harness } from './gateway-harness.ts';

afterEach(stopAll);

const SIGNED = { Authorization: 'AWS4-HMAC-SHA256 Credential=x' };
const UNKNOWN_ID = 'AAAAAAAAAAAAAAA=';

function call(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { headers: SIGNED, ...init });
}

async function summary(response: Response): Promise<unknown[]> {
  return [response.status, response.headers.get('x-amzn-errortype'), await response.text()];
}

function sdk(harness: Harness): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    endpoint: `http://127.0.0.1:${harness.gateway.port}/live`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
}

describe('POST to a connection', () => {
  it.each(['@connections', '%40connections'])('by %s sends the raw body as a text frame', async (name) => {
    const harness = await startHarness();
    const client = await openKnown(harness);

    const url = harness.callbackUrl(client.id).replace('%40connections', name);
    const response = await call(url, { method: 'POST', body: 'héllo' });

    expect(await summary(response)).toEqual([200, null, '']);
    expect(await client.next()).toBe('héllo');
  });

  it('takes 128 KB, and answers 413 beyond, with or without a length', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    const url = harness.callbackUrl(client.id);
    const most = 'x'.repeat(128 * 1024);

    const fits = await call(url, { method: 'POST', body: most });
    const tooLarge = await call(url, { method: 'POST', body: `${most}x` });
    const stream = new Blob([most, 'x']).stream();
    const streamed = await call(url, { method: 'POST', body: stream, duplex: 'half' });

    expect(fits.status).toBe(200);
    expect((await client.next()).length).toBe(most.length);
    expect(await summary(tooLarge)).toEqual([413, 'PayloadTooLargeException', expect.stringContaining('"message"')]);
    expect(streamed.status).toBe(413);
    expect(client.frames).toHaveLength(1);
  });

  it('answers 413 by the size alone: the signature covers a body that nobody has read', async () => {
    const authorizeCallback: GatewayDeps['authorizeCallback'] = (_authorization, _call, request) =>
      request && { errorType: 'InvalidSignatureException', message: 'it does not match' };
    const { callbackUrl } = await startHarness({ deps: { authorizeCallback } });
    const post = (body: string) => call(callbackUrl(UNKNOWN_ID), { method: 'POST', body });
    expect((await post('x')).status).toBe(403);
    expect((await post('x'.repeat(128 * 1024 + 1))).status).toBe(413);
  });

  it.each(['POST', 'GET', 'DELETE'])('or %s of an unknown connection is gone, without a body', async (method) => {
    const harness = await startHarness();

    const response = await call(harness.callbackUrl(UNKNOWN_ID), { method });

    expect(await summary(response)).toEqual([410, 'GoneException', '']);
  });

  it.each([
    '/live//@connections/',
    '/other/@connections/',
    '/@connections/',
    '//live/%40connections/',
    '/live/%40Connections/',
  ])('or any other call at %s is forbidden in the form that an SDK reads', async (path) => {
    const page = { page: (_request: unknown, response: ServerResponse) => response.writeHead(405).end('the page') };
    const harness = await startHarness({ deps: page });
    const client = await openKnown(harness);
    const url = `http://127.0.0.1:${harness.gateway.port}${path}${encodeURIComponent(client.id)}`;

    const posted = await call(url, { method: 'POST', body: 'x' });
    const read = await call(url);

    expect(await summary(posted)).toEqual([403, 'ForbiddenException', '{"message":"Forbidden"}']);
    expect(await summary(read)).toEqual([403, 'ForbiddenException', '{"message":"Forbidden"}']);
  });

  it.each(['/live//', '/other'])('of an SDK with the endpoint %s rejects with ForbiddenException', async (path) => {
    const harness = await startHarness({ deps: { page: (_request, response) => response.writeHead(405).end('no') } });
    const client = new ApiGatewayManagementApiClient({
      endpoint: `http://127.0.0.1:${harness.gateway.port}${path}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });

    const post = client.send(new PostToConnectionCommand({ ConnectionId: UNKNOWN_ID, Data: 'x' }));

    await expect(post).rejects.toMatchObject({ name: 'ForbiddenException', $metadata: { httpStatusCode: 403 } });
    client.destroy();
  });

  it.each(['test-connection-123', '', 'a/b', '%E0%A4%A'])(
    'or GET of the malformed id %p is a bad request',
    async (id) => {
      const harness = await startHarness();

      const response = await call(`http://127.0.0.1:${harness.gateway.port}/live/@connections/${id}`);

      expect(await summary(response)).toEqual([400, 'BadRequestException', '{"message":"Invalid connectionId"}']);
    },
  );

  it('is refused when it is not signed', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);

    const response = await fetch(harness.callbackUrl(client.id), { method: 'POST', body: 'x' });

    expect((await summary(response)).slice(0, 2)).toEqual([403, 'MissingAuthenticationTokenException']);
  });

  it('is gone as long as $connect has not answered', async () => {
    const answer = gate<unknown>();
    const harness = await startHarness({ script: { connect: () => answer.wait } });
    const opening = openClient(harness.url);
    const { requestContext } = await harness.event('connect');

    const response = await call(harness.callbackUrl(String(requestContext['connectionId'])), {
      method: 'POST',
      body: 'x',
    });
    answer.open({ statusCode: 200 });
    await opening;

    expect(response.status).toBe(410);
  });

  it('is gone once the connection is over', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    client.ws.close();
    await harness.event('disconnect');

    const response = await call(harness.callbackUrl(client.id), { method: 'POST', body: 'x' });

    expect(response.status).toBe(410);
  });

  it('is answered 429 once a client does not read what it gets', async () => {
    const harness = await startHarness({ limits: { slowConsumerBytes: 64 * 1024 } });
    const client = await openKnown(harness);
    client.ws.pause();
    const body = 'x'.repeat(100 * 1024);

    let response = await call(harness.callbackUrl(client.id), { method: 'POST', body });
    for (let sent = 0; sent < 500 && response.status === 200; sent += 1) {
      response = await call(harness.callbackUrl(client.id), { method: 'POST', body });
    }

    expect(await summary(response)).toEqual([429, 'LimitExceededException', expect.stringContaining('"message"')]);
  });
});

describe('GET and DELETE of a connection', () => {
  it('describe it', async () => {
    const harness = await startHarness({ deps: { now: () => Date.UTC(2024, 1, 9) } });
    const client = await openKnown(harness);

    const response = await call(harness.callbackUrl(client.id));

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      connectedAt: '2024-02-09T00:00:00.000Z',
      identity: { sourceIp: '127.0.0.1' },
      lastActiveAt: '2024-02-09T00:00:00.000Z',
    });
  });

  it('close it, and $disconnect runs', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);

    const response = await call(harness.callbackUrl(client.id), { method: 'DELETE' });
    const again = await call(harness.callbackUrl(client.id), { method: 'DELETE' });

    expect([response.status, again.status]).toEqual([204, 410]);
    expect(await client.closed).toEqual({ code: 1000, reason: 'Connection Closed Normally' });
    expect((await harness.event('disconnect')).requestContext).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: 'Connection Closed Normally',
    });
  });
});

describe('the official SDK', () => {
  it('posts, describes, deletes, and knows a gone connection by its name', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);
    const api = sdk(harness);

    await api.send(new PostToConnectionCommand({ ConnectionId: client.id, Data: 'hello' }));
    const got = await api.send(new GetConnectionCommand({ ConnectionId: client.id }));
    await api.send(new DeleteConnectionCommand({ ConnectionId: client.id }));
    const post = api.send(new PostToConnectionCommand({ ConnectionId: client.id, Data: 'late' }));

    await expect(post).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
    expect(got.ConnectedAt).toBeInstanceOf(Date);
    expect(await client.next()).toBe('hello');
    api.destroy();
  });
});

describe('the test hook', () => {
  it('sees each call and may answer in its place, or not at all', async () => {
    const calls: ManagementApiRequest[] = [];
    const answers = [{ statusCode: 500, errorType: 'X', body: '{"message":"no"}' }, 'hang' as const, undefined];
    const interceptCallback = (seen: ManagementApiRequest) => {
      calls.push(seen);
      return answers.shift();
    };
    const harness = await startHarness({ deps: { interceptCallback } });
    const client = await openKnown(harness);
    const url = harness.callbackUrl(client.id);
    const post = { method: 'POST', body: 'x' };

    const answered = await call(url, post);
    const cut = new AbortController();
    const hanging = call(url, { ...post, signal: cut.signal });
    const real = await call(url, post);
    cut.abort();

    expect(await summary(answered)).toEqual([500, 'X', '{"message":"no"}']);
    await expect(hanging).rejects.toThrow('aborted');
    expect(real.status).toBe(200);
    expect(calls).toEqual([1, 2, 3].map(() => ({ method: 'POST', connectionId: client.id })));
  });
});
