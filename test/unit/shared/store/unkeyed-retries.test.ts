import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { ServerResponse } from 'node:http';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { createClient, createUnretriedClient } from '../../../../shared/store/client.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { openTopics, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';

const answerWith = (name: string) => Object.assign(new Error(name), { name });

describe('a write without a key', () => {
  let engine: StoreEngine;
  const servers: HttpServer[] = [];
  const environment = { ...process.env };

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterEach(async () => {
    process.env = { ...environment };
    for (const server of servers.splice(0)) await server.close();
  });

  afterAll(() => engine.stop());

  /** The clients of a Lambda, whose endpoint is this server. */
  async function clientsAt(answer: Parameters<typeof startHttpServer>[0]) {
    const server = await startHttpServer(answer);
    servers.push(server);
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = server.url;
    process.env['AWS_REGION'] = 'eu-central-1';
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    return { server, client: createClient(), unretriedClient: createUnretriedClient() };
  }

  it.each([
    ['the connection is cut after the request', (response: { destroy: () => unknown }) => void response.destroy()],
    [
      'the answer is a 500',
      (response: ServerResponse) =>
        void response
          .writeHead(500, { 'x-amzn-errortype': 'InternalServerError' })
          .end('{"__type":"InternalServerError"}'),
    ],
  ])('is sent once when %s: nobody knows whether it counted', async (_, answer) => {
    const { server, ...clients } = await clientsAt((_request, response) => answer(response));
    const topics = openTopics(engine, clients);

    const attempt = topics.increment({ topic: 'counter:ambiguous', delta: 1 });

    await expect(attempt).rejects.toThrow();
    expect(server.requests.map(({ headers }) => headers['x-amz-target'])).toEqual(['DynamoDB_20120810.UpdateItem']);
  });

  it.each([
    'TransactionConflictException',
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'RequestLimitExceeded',
  ])('is sent again after %s, which says that it was not made', async (name) => {
    const client = engine.newClient();
    const refusals = [answerWith(name), answerWith(name)];
    intercept(client, async ({ proceed }) => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return proceed();
    });

    const written = await openTopics(engine, { unretriedClient: client }).increment({
      topic: `counter:${name}`,
      delta: 1,
    });

    expect(written).toMatchObject({ value: 1, seq: 1 });
    expect(refusals).toEqual([]);
  });

  it('gives up on refusals at its bound', async () => {
    const client = engine.newClient();
    let calls = 0;
    intercept(client, async () => {
      calls += 1;
      throw answerWith('ThrottlingException');
    });

    const attempt = openTopics(engine, { unretriedClient: client }).publish({ topic: 'throttled', messages: ['1'] });

    await expect(attempt).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(calls).toBe(STORE_BOUNDS.REFUSED_WRITE_ATTEMPTS);
  });

  it('is not sent again when its condition failed', async () => {
    const client = engine.newClient();
    let calls = 0;
    intercept(client, async () => {
      calls += 1;
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    });

    const attempt = openTopics(engine, { unretriedClient: client }).increment({ topic: 'counter:refused', delta: 1 });

    await expect(attempt).rejects.toMatchObject({ code: 'out-of-bounds' });
    expect(calls).toBe(1);
  });

  it('may be sent again by the SDK when it is a read', async () => {
    const { server, client } = await clientsAt((_request, response) => void response.destroy());
    const { findHead } = await import('../../../../shared/store/topics.ts');

    const attempt = findHead(client, 'any', 'news');

    await expect(attempt).rejects.toThrow();
    expect(server.requests).toHaveLength(3);
  });
});
