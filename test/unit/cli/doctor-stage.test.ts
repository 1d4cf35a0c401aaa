import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { checkCallback } from '../../../cli/doctor/check-callback.ts';
import { checkDeletionProtection } from '../../../cli/doctor/check-tables.ts';
import type { Stack } from '../../../cli/find-stack.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';

const CREDENTIALS = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } } as const;

const stackAt = (url: string): Stack => ({
  name: 'the stack',
  instance: '',
  isLocal: false,
  stackName: 'A',
  region: CREDENTIALS.region,
  monitoring: {},
  resources: {
    webSocketUrl: `${url.replace(/^http/, 'ws')}/live`,
    callbackUrl: `${url}/live`,
    topicsTable: 'Topics',
    messagesTable: 'Messages',
    keysTable: 'Keys',
    subscriptionsTable: 'Subscriptions',
    failuresBucket: 'failures',
    messageRetentionHours: '24',
  },
});

describe('the doctor in front of a deployed stack', () => {
  let server: HttpServer;
  let answer: Parameters<typeof startHttpServer>[0];
  beforeEach(async () => {
    server = await startHttpServer((request, response) => answer(request, response));
  });
  afterEach(() => server.close());

  const callbackOf = (url: string) =>
    new ApiGatewayManagementApiClient({ ...CREDENTIALS, endpoint: `${url}/live`, maxAttempts: 1 });

  it.each([
    ['410, as a stage does of a connection that nobody has', 410, 'ok', undefined],
    ['403, as a stage of another account does', 403, 'problem', 'execute-api:ManageConnections'],
    ['200, as no stage does', 200, 'problem', 'See what answers'],
  ])('judges a callback URL that answers %s', async (...[, status, judged, remedy]) => {
    answer = (_request, response) => response.writeHead(status).end('{}');

    const [finding] = await checkCallback({ stack: stackAt(server.url), callback: callbackOf(server.url) });

    expect(finding).toMatchObject({ status: judged });
    expect(finding?.remedy ?? '').toContain(remedy ?? '');
  });

  it('says of a callback URL that is silent that it is late, and does not doubt rights', async () => {
    answer = () => undefined;

    const [finding] = await checkCallback({ stack: stackAt(server.url), callback: callbackOf(server.url) }, 50);

    expect(finding).toMatchObject({ status: 'problem', remedy: expect.stringContaining('try again') });
    expect(finding?.found).toContain('has not answered in');
  });

  it('finds a callback URL that is not that of the clients, without a call', async () => {
    const stack = stackAt(server.url);
    const other = { ...stack, resources: { ...stack.resources, callbackUrl: 'http://127.0.0.1/other' } };

    const [finding] = await checkCallback({ stack: other, callback: callbackOf(server.url) });

    expect(finding).toMatchObject({ status: 'problem', remedy: 'Deploy the stack again.' });
    expect(server.requests).toEqual([]);
  });

  it('finds each table whose deletion protection somebody has switched off', async () => {
    answer = ({ body }, response) =>
      response.end(JSON.stringify({ Table: { DeletionProtectionEnabled: body.includes('Topics') } }));
    const dynamodb = new DynamoDBClient({ ...CREDENTIALS, endpoint: server.url });

    const findings = await checkDeletionProtection({ stack: stackAt(server.url), dynamodb });
    const local = await checkDeletionProtection({ stack: { ...stackAt(server.url), isLocal: true }, dynamodb });

    expect(findings.map(({ check, status }) => [check, status])).toEqual([
      ['deletion protection of Topics', 'ok'],
      ['deletion protection of Messages', 'problem'],
    ]);
    expect(local).toMatchObject([{ status: 'skipped' }]);
  });
});
