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

  /** The item of a message, in its topic and in the archive alike. */
  const messageOf = (topic: string, seq: number, agoMs: number) => ({
    topic: { S: topic },
    seq: { N: String(seq) },
    epoch: { S: 'e1' },
    message: { S: String(seq) },
    publishedAt: { N: String(Date.now() - agoMs) },
    expiresAt: { N: String(Math.floor(Date.now() / 1_000) + 3_600) },
  });

  const deliveryIn = (result: CommandResult) => jsonLines(result).find(({ check }) => check === 'delivery');

  test('doctor calls live deliveries late by the lag alone, however small the batches are', async () => {
    const topic = unusedName('late');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    await bench.dynamodb.send(
      new PutItemCommand({ TableName: bench.output('TopicsTable'), Item: messageOf(topic, 1, 44_808) }),
    );
    await client.hear({ type: 'message', seq: 1 });
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
    await client.close();

    const result = await run('doctor', '--json');

    expect(result.code).toBe(1);
    expect(deliveryIn(result)).toMatchObject({
      status: 'problem',
      found: expect.stringMatching(/p99 of the batches' lag is 4\d,\d{3} ms .* 1 of 1 took 5,000 ms or longer/),
    });
  });

  test('doctor does not count what a replay delivers, which is as old as it is', async () => {
    const topic = unusedName('replayed');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    await bench.dynamodb.send(
      new PutItemCommand({ TableName: bench.output('MessagesTable'), Item: messageOf(topic, 1, 3_600_000) }),
    );
    await bench.dynamodb.send(
      new PutItemCommand({ TableName: bench.output('TopicsTable'), Item: messageOf(topic, 2, 0) }),
    );
    await client.hear({ type: 'message', seq: 2 });
    await eventually(() => bench.runtime.idle(), 'all is broadcast');

    const replayed = await run('replay', '--topic', topic, '--from', '1', '--to', '1');
    await client.hear({ type: 'message', seq: 1 });
    const result = await run('doctor', '--json');
    await client.close();

    expect(replayed.code).toBe(0);
    const { found } = deliveryIn(result) ?? {};
    expect(found).toMatch(/lag of 1 batch is|\d of 1 took/);
    // An hour would have seven digits.
    expect(found).not.toMatch(/\d,\d{3},\d{3} ms/);
  });

  test('doctor says that a topic is not there, and which one may be meant', async () => {
    const topic = unusedName('news');
    await publishThree(topic);

    const misspelt = await run('doctor', '--topic', topic.slice(0, -1), '--json');
    const whole = await run('doctor', '--topic', topic, '--json');
    const invalid = await run('doctor', '--topic', '/news');

    expect(misspelt.code).toBe(1);
    expect(jsonLines(misspelt).filter(({ status }) => status === 'problem')).toMatchObject([
      { check: `archive of ${topic.slice(0, -1)}`, found: expect.stringContaining(`Did you mean ${topic}?`) },
    ]);
    expect(jsonLines(whole).at(-1)).toMatchObject({ status: 'ok', found: expect.stringContaining(topic) });
    expect(invalid).toMatchObject({ code: 2, stderr: expect.stringContaining('not the name of a topic') });
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
    await eventually(() => stats.stderr().includes('Watching'), 'the sample begins');
    await eventually(async () => {
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
    await eventually(() => bench.runtime.idle(), 'it is broadcast');

    const watch = startCommand(bench.runtime.port, ['stats', '--watch', '1', '--json']);
    const shown = () => jsonLines({ stdout: watch.stdout().replace(/[^\n]*$/, '') });
    const rowOf = (topic: string) =>
      (shown().at(-1)?.['topics'] as { topic: string; seq: number; subscribers: number }[] | undefined)?.find(
        (each) => each.topic === topic,
      );
    await eventually(() => rowOf(old)?.subscribers === 1, 'the first topic is shown');
    await client.ask({ action: 'publish', topic: fresh, data: 1 });
    await client.ask({ action: 'publish', topic: old, data: 2 });
    await eventually(() => rowOf(fresh)?.seq === 1 && rowOf(old)?.seq === 2, 'the changes are shown');
    await eventually(() => shown().at(-1)?.['changesPerSecond'] === 0, 'a quiet second is shown');
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
