import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { startFakeAwsLogs } from '../helpers/fake-aws-logs.ts';
import { type CommandResult, jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench, writePoison } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

/** Constructs of the functions whose logs are looked at here. */
const LOGGED = ['Publish', 'Connect', 'CatchUp', 'Broadcast', 'ShardWorker'];

interface Fault {
  readonly statusCode: number;
  readonly errorType?: string;
}

describe('trace', () => {
  let bench: RuntimeBench;
  const clients: Dialogue[] = [];
  const posted = new Set<string>();
  const stops: (() => Promise<void>)[] = [];
  const faults = new Map<string, Fault>();
  let isDown = false;

  beforeEach(async () => {
    isDown = false;
    bench = await startBench({
      interceptCallback: ({ method, connectionId }) => {
        if (method === 'POST') posted.add(connectionId);
        return isDown ? { statusCode: 503 } : faults.get(connectionId);
      },
    });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(stops.splice(0).map((stop) => stop()));
    posted.clear();
    faults.clear();
    await bench.stop();
  });

  const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(bench.runtime.port, 'trace', ...args);
  const settled = (): Promise<void> => eventually(() => bench.runtime.idle(), 'all is broadcast');

  /** A subscriber and its connection's id: the newest that was posted to. */
  async function subscriber(topic: string): Promise<{ readonly client: Dialogue; readonly id: string }> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return { client, id: [...posted].at(-1) ?? '' };
  }

  async function verdictFor(topic: string, seq: number, id: string): Promise<Record<string, unknown>> {
    const [found] = jsonLines(await run(topic, String(seq), '--connection', id, '--json'));
    return found ?? {};
  }

  test('who got a message and who did not, each with the reason', async () => {
    const topic = unusedName('traced');
    const taker = await subscriber(topic);
    const throttled = await subscriber(topic);
    const gone = await subscriber(topic);
    const publisher = await subscriber(topic);
    faults.set(throttled.id, { statusCode: 429, errorType: 'LimitExceededException' });
    faults.set(gone.id, { statusCode: 410, errorType: 'GoneException' });

    await publisher.client.ask({ action: 'publish', topic, data: 'hello', echo: false });
    await taker.client.hear({ type: 'message', seq: 1 });
    // Not until all is quiet: the throttled connection is owed a catch-up, which is tried for a minute.
    await eventually(
      async () => (await run(topic, '1')).stdout.includes('4 subscribers found'),
      'the broadcast is logged',
    );
    const told = await run(topic, '1');
    const verdicts = await Promise.all([taker, throttled, gone, publisher].map(({ id }) => verdictFor(topic, 1, id)));

    expect(told.code).toBe(0);
    expect(told.stdout).toContain(`written by connection ${publisher.id} (publish`);
    expect(told.stdout).toContain('4 subscribers found');
    expect(told.stdout).toContain(`1 connection throttled (429`);
    expect(told.stdout).toContain(`1 connection gone (410): the connection had ended: ${gone.id}`);
    expect(told.stdout).toContain('It did not get to 2 of 4 subscribers');
    expect(verdicts).toMatchObject([
      { arrived: true, archive: 'archived', kind: 'message' },
      { arrived: false, reason: expect.stringContaining('throttled') },
      { arrived: false, reason: expect.stringContaining('gone') },
      { arrived: false, reason: expect.stringContaining('echo: false') },
    ]);

    faults.delete(throttled.id);
    await throttled.client.hear({ type: 'subscribed', topic, seq: 1, recovered: true });
    await eventually(async () => (await verdictFor(topic, 1, throttled.id))['arrived'] === true, 'it is caught up');
    expect(await verdictFor(topic, 1, throttled.id)).toMatchObject({ reason: expect.stringContaining('by catch-up') });
  });

  test('who came later got it by catch-up, or did not ask for it', async () => {
    const topic = unusedName('later');
    const early = await subscriber(topic);
    const { epoch } = await early.client.ask({ action: 'publish', topic, data: 'one' });
    await early.client.ask({ action: 'publish', topic, data: 'two' });
    await settled();

    const fresh = await subscriber(topic);
    const returning = await openDialogue(`${bench.runtime.url}?topics=`);
    clients.push(returning);
    returning.say({ action: 'subscribe', topic, position: { epoch, seq: 1 } });
    await returning.hear({ type: 'subscribed', topic, seq: 2 });
    await settled();
    const returningId = [...posted].at(-1) ?? '';
    const verdicts = [
      await verdictFor(topic, 2, fresh.id),
      await verdictFor(topic, 2, returningId),
      await verdictFor(topic, 1, returningId),
      await verdictFor(topic, 1, 'nobody='),
    ];

    expect(verdicts).toMatchObject([
      { arrived: false, reason: expect.stringContaining('subscribed from seq 2 on') },
      { arrived: true, reason: expect.stringContaining('by catch-up, which sent seqs 2 to 2') },
      { arrived: false, reason: expect.stringContaining('subscribed from seq 2 on') },
      { arrived: false, reason: expect.stringContaining('nothing shows that it was ever subscribed') },
    ]);
  });

  test('what was given up is named with its failure, and the batches that nobody could be reached with', async () => {
    const topic = unusedName('given-up');
    const { client, id } = await subscriber(topic);
    isDown = true;
    await client.ask({ action: 'publish', topic, data: 'lost' });
    await eventually(async () => (await bench.failures()).length > 0, 'the message is given up');
    isDown = false;

    const told = await run(topic, '1', '--connection', id);

    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(/given up \(RetryAttemptsExhausted\): distributary failures show [\w-]{36}/);
    expect(told.stdout).toContain('not done (no time was left, or nobody could be reached): it is retried');
    expect(told.stdout).toContain(`It did not come to ${id}: failed`);
  });

  test('the logs of a deployed stack tell the same, and what may not be read is said, not guessed', async () => {
    const topic = unusedName('deployed');
    const { client, id } = await subscriber(topic);
    await client.ask({ action: 'publish', topic, data: 'hello' });
    await settled();
    const fake = await playAws(bench, stops);

    const told = await run(topic, '1', '--connection', id, ...DEPLOYED);
    fake.refuse = () => 'AccessDeniedException';
    const denied = await run(topic, '1', '--connection', id, ...DEPLOYED);

    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toContain(`written by connection ${id} (publish`);
    expect(told.stdout).toContain('1 subscriber found');
    expect(told.stdout).toContain(`It came to ${id}: `);
    expect(denied.code).toBe(1);
    expect(denied.stdout).toContain('The archive has it');
    expect(denied.stdout).toContain(`It is unknown whether it came to ${id}`);
    expect(denied.stderr).toContain('allow logs:FilterLogEvents on its log groups');
    expect(denied.stderr).toContain('Logs Insights');
  });

  test('what the archive lacks, what was never written, and poison are said as that', async () => {
    const [topic, poisoned] = [unusedName('lacking'), unusedName('poisoned')];
    const { client } = await subscriber(topic);
    for (const data of [1, 2, 3]) await client.ask({ action: 'publish', topic, data });
    for (const by of [7, 8]) await client.ask({ action: 'plus', counter: topic, by });
    await settled();
    for (const seq of ['1', '3']) {
      const Key = { topic: { S: topic }, seq: { N: seq } };
      await bench.dynamodb.send(new DeleteItemCommand({ TableName: bench.output('MessagesTable'), Key }));
    }
    await writePoison(bench, poisoned);
    await eventually(async () => (await bench.failures()).length > 0, 'the poison record is given up');

    const beyond = await run(topic, '1');
    const hole = await run(topic, '3');
    const [older, counter] = [await run(`counter:${topic}`, '1'), await run(`counter:${topic}`, '2')];
    const unwritten = await run(topic, '4');
    const silent = await run(unusedName('silent'), '1');
    const poison = await run(poisoned, '2');
    const wrong = await run(topic, 'last');

    expect(beyond.stdout).toContain('it has expired, or was never archived');
    expect(hole.stdout).toContain('though it has older ones');
    expect(older.stdout).toContain('Changes of counters are not archived');
    for (const { stdout } of [older, counter]) expect(stdout).toMatch(/written .*by connection /);
    expect(unwritten).toMatchObject({ code: 1, stdout: expect.stringContaining('stands at seq 3') });
    expect(silent).toMatchObject({ code: 1, stdout: expect.stringContaining('Nobody has published') });
    expect(poison.stdout).toContain('poison of this topic was given up');
    expect(poison.stdout).toContain('is malformed');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('trace --help') });
  });
});

const DEPLOYED = ['--stack', 'Test', '--region', 'eu-central-1'];

/**
 * Plays what a deployed stack has and the runtime has not, with the lines that the runtime's functions have written.
 */
async function playAws({ runtime }: RuntimeBench, stops: (() => Promise<void>)[]) {
  const { dynamodb, s3 } = runtime.endpoints;
  const groups = LOGGED.map((name) => [`Functions${name}Logs0A1B2C3D`, () => linesOf(runtime.port, name)] as const);
  const fake = await startFakeAwsLogs({ groups: Object.fromEntries(groups), outputs: runtime.application.outputs });
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CLOUDFORMATION: fake.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: fake.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_S3: s3,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  stops.push(() => {
    process.env = before;
    return fake.close();
  });
  return fake;
}

async function linesOf(port: number, name: string) {
  const text = await (await fetch(`http://127.0.0.1:${port}/_runtime/logs`)).text();
  const events = text.split('\n').filter(Boolean);
  return events
    .map((line): { functionName: string; timestamp: number; message: string } => JSON.parse(line))
    .filter(({ functionName }) => functionName.includes(`Functions${name}Function`));
}
