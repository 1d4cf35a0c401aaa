import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type CommandResult, jsonLines, runCommand, startCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench, until, writePoison } from '../helpers/runtime-in-process.ts';

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
    await until(() => bench.runtime.idle(), 'all is broadcast');
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
    await until(async () => (await bench.failures()).length > 0, 'the poison record is given up');

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
    await until(() => stats.stderr().includes('Watching'), 'the sample begins');
    let published = 0;
    const publishing = until(async () => {
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
    const { deliveries } = summary as { deliveries: Record<string, number> };
    expect(summary?.['deliveriesPerSecond']).toBe(deliveries['perSecond']);
    expect(summary?.['publishesPerSecond']).toBe(summary?.['changesPerSecond']);
    expect(summary?.['usdPerHour']).toBeGreaterThan(0);
    expect(summary?.['topics']).toMatchObject([
      { topic, kind: 'message', subscribers: 1, seq: expect.any(Number) },
      { topic: `counter:${counter}`, kind: 'counter', seq: 1, value: 7, subscribers: 1, perSecond: 0 },
    ]);
  });

  test('stats: of one topic with two subscribers, each sentence gives the same number of deliveries', async () => {
    const topic = unusedName('agreed');
    const url = `${bench.runtime.url}?topics=${topic}`;
    const [client, other] = [await openDialogue(url), await openDialogue(url)];
    for (const each of [client, other]) await each.hear({ type: 'subscribed', topic });

    const stats = startCommand(bench.runtime.port, ['stats', '--sample', '2s']);
    await until(() => stats.stderr().includes('Watching'), 'the sample begins');
    await until(async () => {
      await client.ask({ action: 'publish', topic, data: 1 });
      return stats.process.exitCode !== null;
    }, 'the sample ends');
    const { stdout } = await stats.ended;
    await Promise.all([client.close(), other.close()]);

    expect(stdout.match(/deliveries\/s/g)).toHaveLength(1);
    expect(stdout).toMatch(
      /deliveries\/s, by the broadcast's log: [\d,]+ delivered, 0 gone, 0 throttled, 0 failed, in \d/,
    );
    expect(stdout).toMatch(/on AWS, about \d+\.\d\d USD an hour at this rate, with 2 connections\n/);
  });

  test('stats --watch: shows what changed again and again until Ctrl-C, also topics that began meanwhile', async () => {
    const [old, fresh] = [unusedName('old'), unusedName('fresh')];
    const client = await openDialogue(`${bench.runtime.url}?topics=${old}`);
    await client.ask({ action: 'publish', topic: old, data: 1 });
    await until(() => bench.runtime.idle(), 'it is broadcast');

    const watch = startCommand(bench.runtime.port, ['stats', '--watch', '1', '--json']);
    const shown = () => jsonLines({ stdout: watch.stdout().replace(/[^\n]*$/, '') });
    const rowOf = (topic: string) =>
      (shown().at(-1)?.['topics'] as { topic: string; seq: number; subscribers: number }[] | undefined)?.find(
        (each) => each.topic === topic,
      );
    await until(() => rowOf(old)?.subscribers === 1, 'the first topic is shown');
    await client.ask({ action: 'publish', topic: fresh, data: 1 });
    await client.ask({ action: 'publish', topic: old, data: 2 });
    await until(() => rowOf(fresh)?.seq === 1 && rowOf(old)?.seq === 2, 'the changes are shown');
    await until(() => shown().at(-1)?.['changesPerSecond'] === 0, 'a quiet second is shown');
    watch.process.kill('SIGINT');
    const ended = await watch.ended;
    await client.close();

    expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Watching .*Ctrl-C ends it\.\n$/) });
    expect(jsonLines(ended).length).toBeGreaterThanOrEqual(3);
    expect(
      jsonLines(ended).reduce((sum, line) => sum + (line['deliveries'] as { delivered: number }).delivered, 0),
    ).toBe(1);
  });
});
