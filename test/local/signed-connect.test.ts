import { once } from 'node:events';
import { Sha256 } from '@aws-crypto/sha256-js';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SignatureV4 } from '@smithy/signature-v4';
import { WebSocket } from 'ws';
import type { Credentials } from '../../shared/http/sigv4.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, type Resources, webSocketApi, writeApp } from '../helpers/written-app.ts';

/** Returns the keys by which the function signs. */
const KEYS = `exports.handler = async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});`;

/** Answers with the identity of the client that the event names. */
const IDENTITY = `exports.handler = async ({ requestContext }) => ({
  statusCode: 200,
  body: JSON.stringify(requestContext.identity),
});`;

const directory = temporaryDirectory();
let bench: RuntimeBench;
let url: URL;

beforeAll(async () => {
  const assembly = writeApp(directory.path, {
    App: {
      Resources: {
        ...inlineFunction('Who', IDENTITY),
        ...signedApi(),
        ...callerOf('Guest', '/live/$connect'),
        ...callerOf('Everywhere', '/*'),
        ...callerOf('Elsewhere', '/other/$connect'),
        ...callerOf('Nobody'),
      },
    },
  });
  bench = await startBench({}, { assembly });
  url = new URL(bench.runtime.url);
});

afterAll(async () => {
  await bench.stop();
  directory.remove();
});

function signedApi(): Resources {
  const resources = webSocketApi('Chat', { routes: { $connect: 'Who', who: 'Who' }, stages: ['live'] });
  const { ChatconnectRoute: route } = resources;
  const properties = { ...(route !== undefined && 'Properties' in route && Object(route.Properties)) };
  return { ...resources, ChatconnectRoute: { ...route, Properties: { ...properties, AuthorizationType: 'AWS_IAM' } } };
}

/** Returns a function whose role may connect at a path of the API, if one is given. */
function callerOf(id: string, path?: string): Resources {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const Resource = { 'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Chat}${path}` };
  const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }];
  const policy = { PolicyName: 'connect', PolicyDocument: { Version: '2012-10-17', Statement } };
  return {
    ...inlineFunction(id, KEYS, { Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] } }),
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
        Policies: path === undefined ? [] : [policy],
      },
    },
  };
}

async function keysOf(logicalId: string): Promise<Credentials> {
  const { application, endpoints } = bench.runtime;
  const client = new LambdaClient({
    endpoint: endpoints.lambda,
    region: application.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const name = application.functions.find((model) => model.logicalId === logicalId)?.name;
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: name }));
  client.destroy();
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

const signerOf = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials, region: string): SignatureV4 =>
  new SignatureV4({
    service: 'execute-api',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
  });

const request = () => ({
  method: 'GET',
  protocol: 'https:',
  hostname: url.hostname,
  path: url.pathname,
  headers: { host: url.host },
});

/** Opens a connection that is signed in its headers. */
async function openSigned(credentials: Credentials, region = 'us-east-1'): Promise<WebSocket> {
  const { headers } = await signerOf(credentials, region).sign(request());
  return new WebSocket(url, { headers });
}

/** Opens a connection that is signed in its URL, as by a browser. */
async function openPresigned(credentials: Credentials): Promise<WebSocket> {
  const { query = {} } = await signerOf(credentials, 'us-east-1').presign(request());
  const signed = new URL(url);
  for (const [name, value] of Object.entries(query)) signed.searchParams.set(name, String(value));
  return new WebSocket(signed);
}

/** Resolves to the identity that a message of the connection comes with. */
async function identityOf(socket: WebSocket): Promise<unknown> {
  await once(socket, 'open');
  socket.send(JSON.stringify({ action: 'who' }));
  const [data] = await once(socket, 'message');
  socket.terminate();
  return JSON.parse(String(data));
}

/** Resolves to the status, the error type and the words of the refusal of a handshake. */
async function refusalOf(socket: WebSocket): Promise<readonly unknown[]> {
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  const [body] = await once(response, 'data');
  socket.terminate();
  return [response.statusCode, response.headers['x-amzn-errortype'], JSON.parse(String(body)).message];
}

describe('an API with the authorization type AWS_IAM on $connect', () => {
  it('lets in whose role may invoke the route, signed in headers or in the URL, and names the signer in each event', async () => {
    const [guest, everywhere] = [await keysOf('Guest'), await keysOf('Everywhere')];
    const sockets = [await openSigned(guest), await openPresigned(guest), await openSigned(everywhere)];
    const identities = await Promise.all(sockets.map(identityOf));

    const named = (id: string, { accessKeyId }: Credentials) => ({
      accessKey: accessKeyId,
      accountId: '000000000000',
      caller: expect.stringMatching(new RegExp(`^AROA[A-Z0-9]+:.*${id}`)),
      user: expect.stringMatching(new RegExp(`^AROA[A-Z0-9]+:.*${id}`)),
      userArn: expect.stringMatching(new RegExp(`^arn:aws:sts::000000000000:assumed-role/.*/.*${id}`)),
      sourceIp: '127.0.0.1',
    });
    expect(identities).toEqual([named('Guest', guest), named('Guest', guest), named('Everywhere', everywhere)]);
  });

  it('lets in a tool by a key of its own', async () => {
    const socket = await openSigned({ accessKeyId: 'local', secretAccessKey: 'local' });

    expect(await identityOf(socket)).toMatchObject({ accessKey: 'local', userArn: 'arn:aws:iam::000000000000:root' });
  });

  it('refuses a signer without the right, and one with the right at another stage, in the words of the service', async () => {
    const words = expect.stringMatching(
      /^User: arn:aws:sts::000000000000:assumed-role\/.* is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}0000:\w+\/live\/\$connect$/,
    );

    expect(await refusalOf(await openSigned(await keysOf('Nobody')))).toEqual([403, 'AccessDeniedException', words]);
    expect(await refusalOf(await openSigned(await keysOf('Elsewhere')))).toEqual([403, 'AccessDeniedException', words]);
    expect(await refusalOf(await openPresigned(await keysOf('Elsewhere')))).toEqual([
      403,
      'AccessDeniedException',
      words,
    ]);
  });

  it('refuses a handshake without a signature, and one of another secret, region or session', async () => {
    const guest = await keysOf('Guest');
    const refusals = [
      await refusalOf(new WebSocket(url)),
      await refusalOf(new WebSocket(url, { headers: { Authorization: 'Bearer x' } })),
      await refusalOf(await openSigned({ ...guest, secretAccessKey: 'another' })),
      await refusalOf(await openPresigned({ ...guest, secretAccessKey: 'another' })),
      await refusalOf(await openSigned(guest, 'eu-west-1')),
      await refusalOf(await openSigned({ ...guest, sessionToken: 'another' })),
    ];

    expect(refusals.map(([status, type]) => [status, type])).toEqual([
      [403, 'MissingAuthenticationTokenException'],
      [403, 'MissingAuthenticationTokenException'],
      [403, 'InvalidSignatureException'],
      [403, 'InvalidSignatureException'],
      [403, 'InvalidSignatureException'],
      [403, 'UnrecognizedClientException'],
    ]);
  });
});
