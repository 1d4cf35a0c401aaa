import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, webSocketApi, writeApp } from '../helpers/written-app.ts';

/** Posts `hello` to the caller by the address that the message names, and returns what happened. */
const POSTER = `
const { request } = require('node:https');
const addresses = {
  event: ({ domainName, stage }) => 'https://' + domainName + '/' + stage,
  made: ({ apiId, stage }) => 'https://' + apiId + '.execute-api.' + process.env.AWS_REGION + '.amazonaws.com/' + stage,
  bare: ({ stage }) => 'https://' + process.env.HOST + '/' + stage,
  port: ({ stage }) => process.env.CALLBACK.replace('http:', 'https:'),
  other: ({ stage }) => 'https://abcdefghij.execute-api.' + process.env.AWS_REGION + '.amazonaws.com/' + stage,
  stage: ({ apiId }) => 'https://' + apiId + '.execute-api.' + process.env.AWS_REGION + '.amazonaws.com/other',
  queue: () => 'https://sqs.eu-west-1.amazonaws.com',
};
const byRequest = (url) => new Promise((resolve, reject) => {
  const call = request(url, { method: 'POST', headers: { authorization: 'x' } }, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () => resolve(outcome(answer.statusCode, answer.headers['x-amzn-errortype'], chunks.join(''))));
  });
  call.on('error', reject);
  call.end('hello');
});
const outcome = (status, type, body) => (type === undefined ? String(status) : [status, type, body].join(' '));
const byFetch = async (url) => {
  const answer = await fetch(url, { method: 'POST', headers: { authorization: 'x' }, body: 'hello' });
  return outcome(answer.status, answer.headers.get('x-amzn-errortype') ?? undefined, await answer.text());
};
const bySdk = async (endpoint, region, ConnectionId) => {
  const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require('@aws-sdk/client-apigatewaymanagementapi');
  const client = new ApiGatewayManagementApiClient({ endpoint, region });
  const failure = await client.send(new PostToConnectionCommand({ ConnectionId, Data: 'hello' })).catch((error) => error);
  return [failure.$metadata.httpStatusCode, failure.name, failure.message].join(' ');
};
exports.handler = async ({ body, requestContext }) => {
  const { address, by, region } = JSON.parse(body);
  if (region !== undefined) {
    const said = await bySdk(addresses[address](requestContext), region, requestContext.connectionId);
    return { statusCode: 200, body: said };
  }
  const url = addresses[address](requestContext) + '/@connections/' + encodeURIComponent(requestContext.connectionId);
  try {
    return { statusCode: 200, body: String(await (by === 'fetch' ? byFetch(url) : byRequest(url))) };
  } catch (error) {
    const { code, message } = error.cause ?? error;
    return { statusCode: 200, body: code + ' ' + message };
  }
};`;

const API = webSocketApi('Api', { routes: { $default: 'Post' }, stages: ['live'] });
const HOST = { 'Fn::Sub': '${Api}.execute-api.${AWS::Region}.amazonaws.com' };
const CALLBACK = { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/live' };
const RESOURCES = { ...inlineFunction('Post', POSTER, { Environment: { Variables: { HOST, CALLBACK } } }), ...API };

describe('a function', () => {
  const directory = temporaryDirectory();
  let bench: Awaited<ReturnType<typeof startBench>>;
  beforeAll(async () => {
    bench = await startBench({}, { assembly: writeApp(directory.path, { App: { Resources: RESOURCES } }) });
  });
  afterAll(async () => {
    await bench.stop();
    directory.remove();
  });

  /** Sends a message, and resolves to this many frames. */
  async function say(message: object, count: number): Promise<string[]> {
    const socket = new WebSocket(bench.runtime.url);
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(Buffer.isBuffer(data) ? data.toString() : ''));
    await once(socket, 'open');
    socket.send(JSON.stringify(message));
    while (frames.length < count) await once(socket, 'message');
    socket.terminate();
    return frames;
  }

  test.each([
    ['the domain name and the stage of the event', 'event', 'request'],
    ['the domain name and the stage of the event, by fetch', 'event', 'fetch'],
    ['the id of its API', 'made', 'request'],
    ['a host name of its environment', 'bare', 'fetch'],
    ['the local address, by TLS', 'port', 'request'],
  ])('reaches its connections by %s', async (_what, address, by) => {
    expect(await say({ address, by }, 2)).toEqual(['hello', '200']);
  });

  test.each([
    ['another API', 'other', 'request'],
    ['another API, by fetch', 'other', 'fetch'],
    ['another stage', 'stage', 'request'],
  ])('is refused by API Gateway when it posts to %s', async (_what, address, by) => {
    expect(await say({ address, by }, 1)).toEqual(['403 ForbiddenException {"message":"Forbidden"}']);
  });

  test('is refused by API Gateway when it signs for another region', async () => {
    expect(await say({ address: 'event', region: 'ap-south-1' }, 1)).toEqual([
      "403 InvalidSignatureException Credential should be scoped to a valid region, not 'ap-south-1'. ",
    ]);
  });

  test('is told which address is that of nobody', async () => {
    await say({ address: 'other', by: 'request' }, 1);

    expect(bench.log()).toMatch(/WARN {2}abcdefghij\.execute-api\.\S+ is no API of this template/);
  });

  test.each(['request', 'fetch'])('that calls a service which is not here fails at once, by %s', async (by) => {
    const [answer] = await say({ address: 'queue', by }, 1);

    expect(answer).toMatch(/^ERR_SERVICE_NOT_HERE sqs \(sqs\.eu-west-1\.amazonaws\.com\) is not here/);
    expect(bench.log()).toContain('WARN  sqs (sqs.eu-west-1.amazonaws.com) is not here');
  });
});
