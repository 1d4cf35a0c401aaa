import type { Action } from '../../../shared/protocol/client-frames.ts';
import { ERROR_CODES } from '../../../shared/protocol/error-codes.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { connectEvent, disconnectEvent, lambdaContext } from '../../helpers/lambda-events.ts';

/** A message of DynamoDB, which no client may ever receive. */
const INSIDE = 'Table: Test-Topics arn:aws:dynamodb:eu-central-1:123456789012:table/Test-Topics';

const FRAMES: Readonly<Record<Exclude<Action, 'onMessage' | 'setPresence'> | 'on-message', object>> = {
  subscribe: { action: 'subscribe', topic: 'news' },
  unsubscribe: { action: 'unsubscribe', topic: 'news' },
  publish: { action: 'publish', topic: 'news', data: 1 },
  plus: { action: 'plus' },
  minus: { action: 'minus', key: 'k' },
  'on-message': { action: 'onMessage', message: 'x', key: 'k' },
  ping: { action: 'ping', positions: { news: { epoch: null, seq: 0 } } },
};

let server: HttpServer;
let restore: () => void;
let refusal = { status: 500, body: '' };

beforeAll(async () => {
  server = await startHttpServer((_, response) => {
    response.writeHead(refusal.status, { 'content-type': 'application/x-amz-json-1.0' }).end(refusal.body);
  });
  restore = setLambdaEnvironment({ dynamodb: server.url });
});

afterAll(async () => {
  restore();
  await server.close();
});

describe.each([
  [500, 'InternalServerError'],
  [400, 'ResourceNotFoundException'],
])('when DynamoDB answers %i (%s)', (status, name) => {
  beforeAll(() => {
    refusal = { status, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: INSIDE }) };
  });

  const handlerOf = async (file: string): Promise<unknown> =>
    ((await import(`../../../handlers/${file}.ts`)) as { handler: unknown }).handler;

  it.each(Object.entries(FRAMES))(
    '%s is answered with unavailable, and reveals nothing internal',
    async (file, frame) => {
      const { action } = frame as { action: string };

      const answer = await invokeRoute(await handlerOf(file), { ...frame, id: '1' });

      expect(answer).toEqual({ type: 'error', code: 'unavailable', message: ERROR_CODES.unavailable, id: '1', action });
      expect(server.requests.length).toBeGreaterThan(0);
    },
  );

  it('$default is answered with unavailable too', async () => {
    const answer = await invokeRoute(await handlerOf('default'), { type: 'message', message: 'x' });

    expect(answer).toEqual({ type: 'error', code: 'unavailable', message: ERROR_CODES.unavailable });
  });

  it('a plain text and a ping without positions need no table', async () => {
    expect(await invokeRoute(await handlerOf('default'), 'Marko?')).toBe('Polo!');
    expect(await invokeRoute(await handlerOf('ping'), { action: 'ping' })).toEqual({ type: 'pong' });
  });

  it('$connect refuses with 500 and without a body', async () => {
    const handler = (await handlerOf('connect')) as (event: object, context: object) => Promise<unknown>;

    expect(await handler(connectEvent('C1='), lambdaContext)).toEqual({ statusCode: 500 });
  });

  it('$disconnect fails, so that the failure is counted', async () => {
    const handler = (await handlerOf('disconnect')) as (event: object, context: object) => Promise<unknown>;

    await expect(handler(disconnectEvent('C1='), lambdaContext)).rejects.toThrow();
  });
});
