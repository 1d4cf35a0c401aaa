import { createServer, type Server } from 'node:http';
import { serveFunctionUrl } from '../../../../local/function-url/serve-function-url.ts';
import { URL_FORBIDDEN } from '../../../../local/iam/url-access.ts';
import type { CorsModel } from '../../../../local/model.ts';
import { listen } from '../../../../local/ports.ts';
import { LambdaFixture } from '../lambda/lambda-fixture.ts';

const fixture = new LambdaFixture();
const servers: Server[] = [];

afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await fixture.dispose();
});

/** Serves a function whose handler writes to `stream` and knows its `event`. Returns the address. */
async function serve(body: string, cors?: CorsModel): Promise<string> {
  const model = fixture.fn(`export const handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });`);
  const { invokeJson } = fixture.pool([model]);
  const url = {
    logicalId: 'Url',
    urlId: 'abc',
    functionArn: model.arn,
    qualifiedArn: model.arn,
    port: 0,
    isSigned: false,
    permitted: true,
    cors,
  };
  const server = createServer(
    serveFunctionUrl(url, {
      invokeJson,
      now: () => 1_707_502_303_420,
      authorizeUrl: async () => ({ refusal: URL_FORBIDDEN }),
    }),
  );
  servers.push(server);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}

/** The code of a handler that answers with its event. */
const ECHO = 'stream.write(JSON.stringify(event)); stream.end();';

const CORS: CorsModel = {
  allowOrigins: ['*'],
  allowMethods: ['GET'],
  allowHeaders: [],
  exposeHeaders: [],
  allowCredentials: false,
};

describe('a function URL', () => {
  test.each([
    ['a header that HTTP does not have', '{ statusCode: 200, headers: { "a b": "c" } }'],
    ['a status that HTTP does not have', '{ statusCode: 7 }'],
    ['nothing that is an object', 'null'],
  ])('answers 502 to %s, and goes on', async (_what, prelude) => {
    const url = await serve(
      `stream = awslambda.HttpResponseStream.from(stream, ${prelude}); stream.write("x"); stream.write("y"); stream.end();`,
    );

    const statuses = [(await fetch(url)).status, (await fetch(url)).status];

    expect(statuses).toEqual([502, 502]);
  });

  test('answers 502 to a content type that HTTP does not have, and goes on', async () => {
    const url = await serve(`stream.setContentType('a\\nb'); stream.write('x'); stream.write('y'); stream.end();`);

    const statuses = [(await fetch(url)).status, (await fetch(url)).status];

    expect(statuses).toEqual([502, 502]);
  });

  test.each([
    ['a content type', `stream.setContentType('text/plain')`],
    ['a status', 'awslambda.HttpResponseStream.from(stream, { statusCode: 201 })'],
  ])('lets a function set %s before the body only', async (_what, set) => {
    const url = await serve(
      `stream.write('x');
       await new Promise(setImmediate);
       try { ${set}; } catch (error) { stream.write(error.message); }
       stream.end();`,
    );

    const response = await fetch(url);

    expect([response.status, await response.text()]).toEqual([200, 'xCannot set content-type, too late.']);
  });

  test('answers 502 to a status and headers that do not end', async () => {
    const url = await serve(
      `stream.setContentType('application/vnd.awslambda.http-integration-response');
       for (let at = 0; at < 9; at += 1) stream.write(Buffer.alloc(8_192, 'x')); stream.end();`,
    );

    expect((await fetch(url)).status).toBe(502);
  });

  test('gives the event the time and the cookies in the form of the service', async () => {
    const url = await serve(ECHO);

    const response = await fetch(url, { headers: { cookie: 'a=1; b=2' } });

    const event: unknown = await response.json();
    expect(event).toMatchObject({
      cookies: ['a=1', 'b=2'],
      requestContext: { time: '09/Feb/2024:18:11:43 +0000', timeEpoch: 1_707_502_303_420 },
    });
    expect(event).not.toHaveProperty('headers.cookie');
  });

  test.each([
    ['answers a preflight by its settings', CORS, ''],
    ['passes a preflight on without settings', undefined, 'OPTIONS'],
  ])('%s', async (_what, cors, seen) => {
    const url = await serve('stream.write(event.requestContext.http.method); stream.end();', cors);
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' };

    const response = await fetch(url, { method: 'OPTIONS', headers });

    expect([response.status, await response.text()]).toEqual([200, seen]);
  });
});
