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
  queue: () => 'https://sqs.eu-west-1.amazonaws.com',
};
const byRequest = (url) => new Promise((resolve, reject) => {
  const call = request(url, { method: 'POST', headers: { authorization: 'x' } }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  });
  call.on('error', reject);
  call.end('hello');
});
const byFetch = async (url) => (await fetch(url, { method: 'POST', headers: { authorization: 'x' }, body: 'hello' })).status;
exports.handler = async ({ body, requestContext }) => {
  const { address, by } = JSON.parse(body);
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

  test.each(['request', 'fetch'])('that calls a service which is not here fails at once, by %s', async (by) => {
    const [answer] = await say({ address: 'queue', by }, 1);

    expect(answer).toMatch(/^ERR_SERVICE_NOT_HERE sqs \(sqs\.eu-west-1\.amazonaws\.com\) is not here/);
    expect(bench.log()).toContain('WARN  sqs (sqs.eu-west-1.amazonaws.com) is not here');
  });
});
