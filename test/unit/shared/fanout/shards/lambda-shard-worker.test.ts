import { createLambdaShardWorker } from '../../../../../shared/fanout/shards/lambda-shard-worker.ts';
import { type HttpServer, startHttpServer } from '../../../../helpers/http-server.ts';
import { setLambdaEnvironment } from '../../../../helpers/lambda-environment.ts';

const TASK = { topic: 'big', shard: 3, frames: [{ epoch: 'e', seq: 1, text: '{}' }] };
const ANSWER = { done: 1, subscribers: 2, connections: 2, delivered: 1, gone: 1, throttled: 0, failed: 0 };

describe('a worker behind Lambda', () => {
  const requests: { readonly path: string; readonly type: string | undefined; readonly body: string }[] = [];
  const reply = { status: 200, headers: {} as Record<string, string>, body: JSON.stringify(ANSWER) };
  let lambda: HttpServer;
  let restore: () => void;

  beforeAll(async () => {
    lambda = await startHttpServer(({ path, headers, body }, response) => {
      requests.push({ path, type: headers['x-amz-invocation-type']?.toString(), body });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    restore = setLambdaEnvironment({ dynamodb: lambda.url });
    process.env['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url;
  });

  afterAll(async () => {
    restore();
    await lambda.close();
  });

  beforeEach(() => {
    requests.length = 0;
    Object.assign(reply, { status: 200, headers: {}, body: JSON.stringify(ANSWER) });
  });

  it('is asked once, waits for, and answers', async () => {
    const answer = await createLambdaShardWorker('Worker')(TASK);

    expect(answer).toEqual(ANSWER);
    expect(requests.map(({ path }) => path)).toEqual(['/2015-03-31/functions/Worker/invocations']);
    // Synchronous is the default of the API.
    expect(['RequestResponse', undefined]).toContain(requests[0]?.type);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(TASK);
  });

  it.each([
    [
      'a function error',
      { headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"Runtime exited"}' },
    ],
    ['a throttle', { status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body: '{}' }],
    ['an error of the service', { status: 500, body: '{}' }],
    ['an answer that is none', { body: '{"done":1}' }],
    ['an answer that is null', { body: 'null' }],
    ['a negative number', { body: JSON.stringify({ ...ANSWER, done: -1 }) }],
    ['no JSON', { body: 'nothing' }],
  ])('rejects for %s, and does not ask again by itself', async (_, answer) => {
    Object.assign(reply, answer);

    await expect(createLambdaShardWorker('Worker')(TASK)).rejects.toThrow();

    expect(requests).toHaveLength(1);
  });
});
