import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type CommandResult, jsonLines, runCommand, startCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench, writePoison } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

describe('the state of a stack', () => {
  let bench: RuntimeBench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.stop());

  const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(bench.runtime.port, ...args);

  /** Publishes seqs 1 to 3. */
  async function publishThree(topic: string): Promise<void> {
    const client = await openDialogue(`${bench.runtime.url}?topics=`);
    for (const data of [1, 2, 3]) await client.ask({ action: 'publish', topic, data });
    await client.close();
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
  }

  test('doctor finds nothing wrong with a stack that is as it was deployed', async () => {
    await publishThree(unusedName('healthy'));

    const result = await run('doctor', '--json');

    const findings = jsonLines(result);
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(findings.filter(({ status }) => status === 'ok').length).toBeGreaterThanOrEqual(7);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing is wrong') });
  });

  test('doctor names what is wrong, each with a remedy: a failure, a broken topic, an orphan, a hole in the archive', async () => {
    const [topic, poisoned] = [unusedName('hole'), unusedName('poison')];
    await publishThree(topic);
    await bench.dynamodb.send(
      new DeleteItemCommand({
        TableName: bench.output('MessagesTable'),
        Key: { topic: { S: topic }, seq: { N: '2' } },
      }),
    );
    await bench.dynamodb.send(
      new PutItemCommand({
        TableName: bench.output('SubscriptionsTable'),
        Item: {
          connectionId: { S: 'orphan=' },
          topic: { S: topic },
          connectedAt: { N: String(Date.now()) },
          expiresAt: { N: String(Math.floor(Date.now() / 1_000) + 600) },
        },
      }),
    );
    await writePoison(bench, poisoned);
    await eventually(async () => (await bench.failures()).length > 0, 'the poison record is given up');

    const result = await run('doctor', '--json');
    const replayed = await run('replay', '--topic', topic, '--from', '2', '--to', '2');
    const after = await run('doctor', '--topic', topic, '--json');

    const problems = jsonLines(result).filter(({ status }) => status === 'problem');
    expect(result.code).toBe(1);
    expect(problems.map(({ check }) => check)).toEqual([
      'failures',
      `topic ${poisoned}`,
      'orphaned subscriptions',
      `archive of ${topic}`,
    ]);
    expect(problems.map(({ remedy }) => typeof remedy)).toEqual(problems.map(() => 'string'));
    expect(String(problems.at(-1)?.['remedy'])).toContain(`replay --topic ${topic} --from 2 --to 2`);
    // The remedy helps: the stream still has it, and a replay archives what it delivers.
    expect(replayed.code).toBe(0);
    expect(jsonLines(after).map(({ check }) => check)).not.toContain(`archive of ${topic}`);
  });

  test('stats: topics with their seq, value and subscribers, rates, lag, and what waits', async () => {
    const [topic, counter] = [unusedName('counted'), unusedName('counted')];
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic},counter:${counter}`);
    await client.hear({ type: 'subscribed', topic });
    await client.ask({ action: 'plus', counter, by: 7 });

    const stats = startCommand(bench.runtime.port, ['stats', '--sample', '3s', '--json']);
    await eventually(() => expect(stats.stderr()).toContain('Watching'), 'the sample begins');
    let published = 0;
    const publishing = eventually(async () => {
      published += 1;
      await client.ask({ action: 'publish', topic, data: published });
      return stats.process.exitCode !== null;
    }, 'the sample ends');
    const ended = await stats.ended;
    await publishing;
    await client.close();

    const [summary] = jsonLines(ended);
    expect(ended.code).toBe(0);
    expect(summary).toMatchObject({ topicsInAll: 2, failures: 0, lag: { from: 'broadcast-logs' } });
    expect(summary?.['deliveries']).toMatchObject({ gone: 0, throttled: 0, failed: 0 });
    expect(summary).toHaveProperty('lag.p50Ms', expect.any(Number));
    expect(summary).toHaveProperty('deliveries.delivered', expect.any(Number));
    expect(summary?.['deliveries']).not.toMatchObject({ delivered: 0 });
    expect(summary?.['changesPerSecond']).toBeGreaterThan(0);
    expect(summary?.['deliveriesPerSecond']).toBeGreaterThan(0);
    expect(summary?.['usdPerHour']).toBeGreaterThan(0);
    expect(summary?.['topics']).toMatchObject([
      { topic, kind: 'message', subscribers: 1, seq: expect.any(Number) },
      { topic: `counter:${counter}`, kind: 'counter', seq: 1, value: 7, subscribers: 1, perSecond: 0 },
    ]);
  });
});
