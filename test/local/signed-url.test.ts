import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';
import type { Credentials } from '../../shared/http/sigv4.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { fetchSigned } from '../helpers/sign-request.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, type Resources } from '../helpers/written-app.ts';

const SETTINGS = {
  http: { iam: true, longPollSeconds: 1, eventsSeconds: 1 },
  auth: { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' },
  topics: { 'owned/*': { create: 'server' } },
} as const;

/** Returns the keys by which the function signs. */
const KEYS = `exports.handler = async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});`;

const FORBIDDEN = { Message: expect.stringMatching(/^Forbidden\. For troubleshooting Function URL authorization/) };

const directory = temporaryDirectory();
let bench: RuntimeBench;
let url: string;
let [backEnd, stranger, half]: Credentials[] = [];

beforeAll(async () => {
  const terminal = createTerminal({ write: () => undefined, color: false });
  await synthesize({ cdkJson: 'cdk.json', outputDirectory: directory.path, context: SETTINGS }, { terminal });
  addBackEnds(join(directory.path, 'Distributary.template.json'));
  bench = await startBench({}, { assembly: directory.path });
  url = bench.output('SignedHttpUrl');
  [backEnd, stranger, half] = await Promise.all(['BackEnd', 'Stranger', 'Half'].map(keysOf));
});

afterAll(async () => {
  await bench.stop();
  directory.remove();
});

/** Adds functions to the template: one with both permissions, one with none, and one with the first alone. */
function addBackEnds(file: string): void {
  const template: { Resources: Record<string, { Type: string; Properties: object }> } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const [alias] = Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === 'AWS::Lambda::Alias');
  const permissions = [
    ['lambda:InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } }],
    ['lambda:InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }],
  ].map(([Action, Condition]) => ({ Effect: 'Allow', Action, Condition, Resource: { Ref: alias } }));
  Object.assign(template.Resources, callerOf('BackEnd', permissions), callerOf('Stranger', []));
  Object.assign(template.Resources, callerOf('Half', permissions.slice(0, 1)));
  writeFileSync(file, JSON.stringify(template));
}

function callerOf(id: string, Statement: readonly object[]): Resources {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const policy = { PolicyName: 'door', PolicyDocument: { Version: '2012-10-17', Statement } };
  return {
    ...inlineFunction(id, KEYS, { Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] } }),
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
        Policies: Statement.length > 0 ? [policy] : [],
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

const streamAt = (topic: string, query = ''): string => `${url}v1/stream/${topic}${query}`;

/** Creates a stream by a signature. Resolves to the status, and to the words of a refusal. */
async function attempt(credentials: Credentials | undefined, region?: string) {
  if (credentials === undefined) throw new Error('There are no keys.');
  const response = await fetchSigned(streamAt('refused'), {
    credentials,
    method: 'PUT',
    ...(region === undefined ? {} : { region }),
  });
  return [response.status, response.headers.get('x-amzn-errortype'), await response.json()];
}

describe('the URL of the HTTP door for back ends that sign by IAM', () => {
  it('lets a granted function write and read, without a token, where all others need one', async () => {
    const signed = (method: string, query = '', body?: string) =>
      fetchSigned(streamAt('owned/news', query), {
        credentials: backEnd ?? { accessKeyId: '', secretAccessKey: '' },
        method,
        ...(body === undefined ? {} : { body }),
      });

    const statuses = [(await signed('PUT')).status, (await signed('POST', '', '[1,{"text":"größe & *"}]')).status];
    const read = await signed('GET', '?offset=-1&live=long-poll');
    const open = await fetch(`${bench.output('HttpUrl')}v1/stream/owned/news`);

    expect(statuses).toEqual([201, 204]);
    expect([read.status, await read.json()]).toEqual([200, [1, { text: 'größe & *' }]]);
    expect(read.headers.get('cache-control')).toMatch(/^private/);
    expect(open.status).toBe(401);
  });

  it('streams the frames of the socket to it', async () => {
    const frames = `${JSON.stringify({ action: 'publish', topic: 'frames', data: 1, id: '1' })}\n`;
    const response = await fetchSigned(`${url}v1/frames`, {
      credentials: backEnd ?? { accessKeyId: '', secretAccessKey: '' },
      method: 'POST',
      body: frames,
    });

    expect(await response.text()).toMatch(/"type":"ack".*"seq":1/);
  });

  it('refuses what is not signed, and what is signed without both permissions, in the words of the service', async () => {
    const unsigned = await fetch(streamAt('refused'), { method: 'PUT' });
    const byToken = await fetch(streamAt('refused'), { method: 'PUT', headers: { Authorization: 'Bearer x' } });

    expect([unsigned.status, await unsigned.json()]).toEqual([403, FORBIDDEN]);
    expect([byToken.status, await byToken.json()]).toEqual([403, FORBIDDEN]);
    expect(await attempt(stranger)).toEqual([403, 'AccessDeniedException', FORBIDDEN]);
    expect(await attempt(half)).toEqual([403, 'AccessDeniedException', FORBIDDEN]);
  });

  it('refuses another secret, another region, an unknown key and another session, in the words of the service', async () => {
    const keys = backEnd ?? { accessKeyId: '', secretAccessKey: '' };
    const answers = [
      await attempt({ ...keys, secretAccessKey: 'another' }),
      await attempt(keys, 'eu-west-1'),
      await attempt({ ...keys, accessKeyId: 'ASIAABCDEFGHIJKLMNOP' }),
      await attempt({ ...keys, sessionToken: 'another' }),
    ];

    expect(answers.map(([status]) => status)).toEqual([403, 403, 403, 403]);
    expect(answers.map(([, , words]) => words)).toEqual([
      { message: expect.stringMatching(/^The request signature we calculated does not match the signature/) },
      { message: expect.stringMatching(/^Credential should be scoped to a valid region/) },
      { message: 'The security token included in the request is invalid.' },
      { message: 'The security token included in the request is invalid.' },
    ]);
  });
});
