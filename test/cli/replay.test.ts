import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tally } from '../../cli/replay/tally.ts';
import { type CommandResult, jsonLines, runCommand, startCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

interface Summary {
  readonly dryRun: boolean;
  readonly records: Readonly<Record<string, number>>;
  readonly deliveries: Tally;
  readonly total: Tally;
  readonly missing: number;
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
}

const summaryOf = (result: CommandResult): Summary => jsonLines(result)[0] as unknown as Summary;

const outcomesOf = ({ delivered, gone, throttled, failed }: Tally): number => delivered + gone + throttled + failed;

const seqsOf = ({ heard }: Dialogue): unknown[] => heard.filter(({ type }) => type === 'message').map(({ seq }) => seq);

describe('replay', () => {
  let bench: RuntimeBench;
  let directory: string;
  let state: string;
  const clients: Dialogue[] = [];
  const posted = new Set<string>();
  const faults = new Map<string, { statusCode: number; errorType: string }>();

  beforeEach(async () => {
    bench = await startBench({
      interceptCallback: ({ method, connectionId }) => {
        if (method === 'POST') posted.add(connectionId);
        return faults.get(connectionId);
      },
    });
    directory = await mkdtemp(join(tmpdir(), 'distributary-replay-'));
    state = join(directory, 'replay.json');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    posted.clear();
    faults.clear();
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const replay = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(bench.runtime.port, 'replay', '--state', state, '--json', ...args);

  /** Publishes seqs 1 to `count`. */
  async function publish(topic: string, count: number): Promise<void> {
    const publisher = await openDialogue(`${bench.runtime.url}?topics=`);
    for (let seq = 1; seq <= count; seq++) await publisher.ask({ action: 'publish', topic, data: seq });
    await publisher.close();
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
  }

  async function subscriber(topic: string): Promise<Dialogue> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return client;
  }

  test('500 messages to 20 subscribers, interrupted and continued: everyone has each once, and the sums agree', async () => {
    const topic = unusedName('replayed');
    await publish(topic, 500);
    const subscribers = await Promise.all(Array.from({ length: 20 }, () => subscriber(topic)));

    const args = ['--topic', topic, '--from', '1', '--to', '500', '--rate', '100', '--state', state, '--json'];
    const first = startCommand(bench.runtime.port, ['replay', ...args]);
    await subscribers[0]?.hear({ type: 'message', seq: 30 });
    first.process.kill('SIGINT');
    const interrupted = await first.ended;
    const resumed = await replay('--resume');
    await Promise.all(subscribers.map((client) => client.hear({ type: 'message', seq: 500 })));

    const [one, two] = [summaryOf(interrupted), summaryOf(resumed)];
    expect([interrupted.code, resumed.code]).toEqual([1, 0]);
    expect(one.records).toMatchObject({ sent: 500 - (one.records['left'] ?? 0) });
    expect(one.records['left']).toBeGreaterThan(0);
    expect(two.records).toMatchObject({ sentBefore: one.records['sent'], sent: one.records['left'], left: 0 });
    expect(one.deliveries.due).toBe(outcomesOf(one.deliveries));
    expect(two.deliveries.due).toBe(outcomesOf(two.deliveries));
    expect(two.total).toEqual({ records: 500, due: 10_000, delivered: 10_000, gone: 0, throttled: 0, failed: 0 });
    const all = Array.from({ length: 500 }, (_, index) => index + 1);
    for (const client of subscribers) expect(seqsOf(client)).toEqual(all);
    expect(interrupted.stderr).toContain('replay --resume');
    expect(await readdir(directory)).toEqual([]);
  });

  test('a dry run says who would get what, and sends nothing', async () => {
    const topic = unusedName('dry');
    await publish(topic, 3);
    const client = await subscriber(topic);

    const result = await replay('--topic', topic, '--from', '2', '--to', '3', '--dry-run');
    // The frames that were sent before have come when this one is answered.
    await client.ask({ action: 'unsubscribe', topic });

    const summary = summaryOf(result);
    expect(result.code).toBe(0);
    expect(summary).toMatchObject({ dryRun: true, records: { toSend: 2 }, deliveries: { due: 2 } });
    expect(summary.rows).toEqual([{ connectionId: expect.any(String), topic, messages: 2, firstSeq: 2, lastSeq: 3 }]);
    expect(seqsOf(client)).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  test('--to-connection reaches that one alone', async () => {
    const topic = unusedName('one');
    await publish(topic, 2);
    const [chosen, other] = [await subscriber(topic), await subscriber(topic)];
    const dry = await replay('--topic', topic, '--from', '1', '--to', '2', '--dry-run');
    const ids = (summaryOf(dry).rows ?? []).map(({ connectionId }) => String(connectionId));
    const id = [...posted].find((call) => ids.includes(call)) ?? '';

    const result = await replay('--topic', topic, '--from', '1', '--to', '2', '--to-connection', id);
    await other.ask({ action: 'publish', topic, data: 'new' });
    await Promise.all([chosen, other].map((client) => client.hear({ type: 'message', seq: 3 })));

    expect(ids).toHaveLength(2);
    expect(summaryOf(result).deliveries).toMatchObject({ due: 2, delivered: 2 });
    expect(seqsOf(chosen)).toEqual([1, 2, 3]);
    expect(seqsOf(other)).toEqual([3]);
  });

  test('--since beyond what the stream keeps has the rest from the archive, each message once', async () => {
    const [topic, epoch] = [unusedName('old'), 'e1'];
    const nowMs = Date.now();
    const item = (seq: number, hoursAgo: number) => ({
      topic: { S: topic },
      seq: { N: String(seq) },
      epoch: { S: epoch },
      message: { S: String(seq) },
      publishedAt: { N: String(nowMs - hoursAgo * 3_600_000) },
      expiresAt: { N: String(Math.floor(nowMs / 1_000) + 3_600) },
    });
    // A stage that keeps messages for longer than a day, and a stream that has forgotten all but the newest.
    for (const old of [item(1, 60), item(2, 40), item(3, 30)]) {
      await bench.dynamodb.send(new PutItemCommand({ TableName: bench.output('MessagesTable'), Item: old }));
    }
    await bench.dynamodb.send(new PutItemCommand({ TableName: bench.output('TopicsTable'), Item: item(4, 1) }));
    const Key = { topic: { S: topic }, seq: { N: '4' } };
    const newest = new GetItemCommand({ TableName: bench.output('MessagesTable'), Key });
    await eventually(async () => (await bench.dynamodb.send(newest)).Item !== undefined, 'the newest is archived');
    await eventually(() => bench.runtime.idle(), 'it is broadcast');
    const client = await subscriber(topic);

    const result = await replay('--since', '2d');
    await client.hear({ type: 'message', seq: 4 });

    const summary = summaryOf(result);
    expect(result.code).toBe(0);
    expect(seqsOf(client)).toEqual([2, 3, 4]);
    // Seq 4 is in both; what is older than two days is in neither.
    expect(summary.records).toMatchObject({ sent: 3, replaced: 1, left: 0 });
    expect(summary.deliveries).toMatchObject({ due: 3, delivered: 3 });
  });

  test('--since has all topics of that time from the stream, and of a counter its last value', async () => {
    const [topic, counter] = [unusedName('since'), unusedName('since')];
    await publish(topic, 2);
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic},counter:${counter}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    for (const by of [1, 2, 3]) await client.ask({ action: 'plus', counter, by });
    await client.hear({ type: 'state', value: 6 });
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
    const before = client.heard.length;

    const result = await replay('--since', '5m');
    await client.hear({ type: 'message', seq: 2 });

    expect(summaryOf(result).records).toMatchObject({ sent: 3, replaced: 2, left: 0 });
    const again = client.heard.slice(before).filter(({ type }) => type === 'message' || type === 'state');
    expect(again.map(({ type, seq }) => [type, seq])).toEqual([
      ['message', 1],
      ['message', 2],
      ['state', 3],
    ]);
  });

  test('connections that are gone or throttled are counted as that, and the sum stays whole', async () => {
    const topic = unusedName('sums');
    await publish(topic, 4);
    const [stuck, gone, healthy] = [await subscriber(topic), await subscriber(topic), await subscriber(topic)];
    // Each was first posted to in this order: its `subscribed` frame.
    const [stuckId = '', goneId = ''] = [...posted].slice(-3);
    faults.set(stuckId, { statusCode: 429, errorType: 'LimitExceededException' });
    faults.set(goneId, { statusCode: 410, errorType: 'GoneException' });

    const result = await replay('--topic', topic, '--from', '1', '--to', '4');
    await healthy.hear({ type: 'message', seq: 4 });

    const { deliveries } = summaryOf(result);
    expect(result.code).toBe(1);
    expect(deliveries).toEqual({ records: 4, due: 12, delivered: 4, gone: 4, throttled: 4, failed: 0 });
    expect([stuck, gone, healthy].map((client) => seqsOf(client).length)).toEqual([0, 0, 4]);
  });

  test('changes of an earlier epoch of a topic are not sent: they would lead clients back into it', async () => {
    const topic = unusedName('reborn');
    await publish(topic, 2);
    await bench.dynamodb.send(
      new DeleteItemCommand({ TableName: bench.output('TopicsTable'), Key: { topic: { S: topic } } }),
    );
    await publish(topic, 1);
    const client = await subscriber(topic);

    const result = await replay('--since', '5m');
    await client.hear({ type: 'message', seq: 1 });

    const { records } = summaryOf(result);
    expect(records).toMatchObject({ sent: 1, earlierEpoch: 2, noChange: 1 });
    expect(Object.values(records).reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(seqsOf(client)).toEqual([1]);
  });

  test('what nobody has is said, and what cannot be meant is refused before anything is sent', async () => {
    const topic = unusedName('missing');
    await publish(topic, 1);

    const missing = await replay('--topic', topic, '--from', '1', '--to', '3');
    const nothing = await runCommand(bench.runtime.port, 'replay');
    const unknown = await replay('--topic', `${topic}s`, '--from', '1', '--to', '3');
    const none = await replay('--resume');

    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('2 seqs (2, 3)') });
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('Say what') });
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Nobody has published to ${topic}s. Did you mean ${topic}?`),
    });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('No interrupted replay') });
  });
});
