import { findStack, type StackSearch } from '../../../cli/find-stack.ts';
import { OperatorError, UsageError } from '../../../cli/operator-error.ts';
import { runCommand } from '../../helpers/command.ts';
import { startFakeAwsLogs } from '../../helpers/fake-aws-logs.ts';
import { startHttpServer, type HttpServer } from '../../helpers/http-server.ts';

const OUTPUTS = [
  'WebSocketUrl',
  'CallbackUrl',
  'TopicsTable',
  'MessagesTable',
  'KeysTable',
  'SubscriptionsTable',
  'FailuresBucket',
  'MessageRetentionHours',
];

const INFO = JSON.stringify({
  region: 'local',
  endpoints: { dynamodb: 'd', s3: 's', callback: 'c' },
  outputs: Object.fromEntries(OUTPUTS.map((name) => [name, name])),
});

/** Bounds of a search that nobody waits for. */
const BOUNDS = { FIND_MS: 300, FIND_NOTE_MS: 30 };

const search = (values: StackSearch['values'], more: Partial<StackSearch> = {}) =>
  findStack({ values, environment: {}, note: () => undefined, bounds: BOUNDS, ...more });

describe('the search for the local runtime', () => {
  let server: HttpServer;
  let answer: Parameters<typeof startHttpServer>[0];
  beforeEach(async () => {
    server = await startHttpServer((request, response) => answer(request, response));
  });
  afterEach(() => server.close());

  it('says that nobody listens, and how to start one, where the connection is refused', async () => {
    const gone = await startHttpServer(() => undefined);
    await gone.close();

    const found = search({ url: gone.url });

    await expect(found).rejects.toThrow(/nobody listens there\. Start it by `npm start`/);
  });

  it('says that the runtime is late, and not to start another, where somebody listens and is silent', async () => {
    answer = () => undefined;

    const error: unknown = await search({ url: server.url }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(OperatorError);
    expect(String(error)).toMatch(/is late: somebody listens there, but did not answer in time\. Try again/);
    expect(String(error)).not.toContain('npm start');
  });

  it('waits for one that is slow, and says so meanwhile', async () => {
    const notes: string[] = [];
    const noted = Promise.withResolvers<void>();
    answer = (_, response) => void noted.promise.then(() => response.end(INFO));

    const found = await search(
      { url: server.url },
      {
        note: (text) => {
          notes.push(text);
          noted.resolve();
        },
        bounds: { FIND_MS: 60_000, FIND_NOTE_MS: 50 },
      },
    );

    expect(found).toMatchObject({ isLocal: true, resources: { topicsTable: 'TopicsTable' } });
    expect(notes).toEqual([expect.stringContaining('waiting up to 1m')]);
  });

  it('says nothing to wait for where one answers at once, and takes an empty PORT for one that is not set', async () => {
    const notes: string[] = [];
    answer = (_, response) => response.end(INFO);

    await search(
      { url: server.url },
      { note: (text) => notes.push(text), bounds: { FIND_MS: 60_000, FIND_NOTE_MS: 60_000 } },
    );
    // Somebody may have a runtime there: then it is found.
    const byPort = await search({}, { environment: { PORT: '' } }).then(({ name }) => name, String);

    expect(notes).toEqual([]);
    expect(byPort).toContain('http://127.0.0.1:4000');
  });

  it.each([
    ['nothing of the kind', 404, ''],
    ['what is not JSON', 200, '<html>'],
    ['JSON of another server', 200, '{"region":"x"}'],
  ])('takes a server that answers with %s for another one', async (_, status, body) => {
    answer = (_request, response) => response.writeHead(status).end(body);

    await expect(search({ url: server.url })).rejects.toThrow('is not the local runtime');
  });

  it('names why a server could not be reached that neither refuses nor is late', async () => {
    answer = (_, response) => response.socket?.destroy();

    await expect(search({ url: server.url })).rejects.toThrow(/could be reached at .* \(.+\)\. Check the address/);
  });

  it('is followed by a sentence, not a stack trace, where the stack has ended since', async () => {
    const gone = await startHttpServer(() => undefined);
    await gone.close();
    const endpoints = { dynamodb: gone.url, s3: gone.url, callback: gone.url };
    answer = (_, response) => response.end(JSON.stringify({ ...JSON.parse(INFO), endpoints }));

    const listed = await runCommand(1, 'connections', 'list', '--url', server.url);

    expect(listed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The stack is not there any more: .*\n$/) });
  });

  it.each(['nonsense', 'localhost:4000', 'http://', 'ftp://127.0.0.1/'])('refuses the address «%s»', async (url) => {
    await expect(search({ url })).rejects.toThrow(UsageError);
  });
});

describe('the search for a deployed stack', () => {
  const before = { ...process.env };
  let aws: Awaited<ReturnType<typeof startFakeAwsLogs>> | undefined;

  async function deploy(outputs: Readonly<Record<string, string>>): Promise<void> {
    aws = await startFakeAwsLogs({ groups: {}, outputs });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  }

  afterEach(async () => {
    await aws?.close();
    aws = undefined;
    process.env = { ...before };
  });

  const ALL = Object.fromEntries(OUTPUTS.map((name) => [name, name]));
  const NEXT = { stack: 'Next', region: 'eu-central-1' } as const;

  it('takes a stack of any name, with its outputs, its dashboard and the topic of its alarms', async () => {
    await deploy({ ...ALL, DashboardName: 'Next-Dashboard', AlarmTopicArn: 'arn:alarms' });

    await expect(search(NEXT)).resolves.toMatchObject({
      stackName: 'Next',
      isLocal: false,
      resources: { failuresBucket: 'FailuresBucket' },
      monitoring: { dashboardName: 'Next-Dashboard', alarmTopicArn: 'arn:alarms' },
    });
  });

  it('takes the instance that --instance names, and needs the name where there are several', async () => {
    const named = (instance: string) => Object.fromEntries(OUTPUTS.map((name) => [instance + name, instance + name]));
    await deploy({ ...named('Live'), ...named('Chat') });

    await expect(search({ ...NEXT, instance: 'Chat' })).resolves.toMatchObject({
      name: 'Chat in the stack Next in eu-central-1',
      resources: { topicsTable: 'ChatTopicsTable' },
    });
    await expect(search(NEXT)).rejects.toThrow('Name one by --instance Live.');
  });

  it('does not need what a stack has only by a setting', async () => {
    await deploy(ALL);

    await expect(search(NEXT)).resolves.toMatchObject({ monitoring: {} });
  });

  it('names the outputs that an older version lacks', async () => {
    await deploy({ WebSocketUrl: 'wss://a' });

    await expect(search(NEXT)).rejects.toThrow(
      /the stack Next in eu-central-1 the outputs CallbackUrl, .* are missing/,
    );
  });

  it('doubts the network, not the name, where CloudFormation is not reached', async () => {
    await deploy(ALL);
    await aws?.close();
    aws = undefined;

    const result = await runCommand(1, 'doctor', '--stack', NEXT.stack, '--region', NEXT.region);

    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did not answer: check the region and your network'),
    });
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    [{ stack: 'A', url: 'http://127.0.0.1' }, 'not both'],
    [{ region: 'eu-central-1' }, '--region belongs to --stack NAME'],
    [{ stack: 'A' }, 'Name the region of A'],
  ])('refuses %j', async (values, words) => {
    await expect(search(values, { environment: { AWS_REGION: '' } })).rejects.toThrow(words);
  });
});
