import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growTopic } from '../../shared/store/topic-shards.ts';
import { jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

/** The number of shards: enough for a few subscribers to be in several of them. */
const SHARDS = 8;
const SUBSCRIBERS = 6;

describe('a topic of several shards', () => {
  let bench: RuntimeBench;
  let directory: string;
  let subscribers: readonly Dialogue[] = [];
  const topic = unusedName('sharded');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'distributary-sharded-'));
    bench = await startBench();
    const tables = { topicsTable: bench.output('TopicsTable'), subscriptionsTable: bench.output('SubscriptionsTable') };
    await growTopic({ client: bench.dynamodb, ...tables, now: Date.now }, topic, SHARDS);
    subscribers = await Promise.all(
      Array.from({ length: SUBSCRIBERS }, () => openDialogue(`${bench.runtime.url}?topics=${topic}`)),
    );
    await Promise.all(subscribers.map((client) => client.hear({ type: 'subscribed', topic })));
    await subscribers[0]?.ask({ action: 'publish', topic, data: 'hello' });
    await Promise.all(subscribers.map((client) => client.hear({ type: 'message', seq: 1 })));
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
  });
  afterEach(async () => {
    await Promise.all(subscribers.map((client) => client.close()));
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]) => runCommand(bench.runtime.port, ...args);

  test('is replayed to all of its subscribers, though an archived message knows of no shards', async () => {
    const state = join(directory, 'replay.json');
    const args = ['--topic', topic, '--from', '1', '--to', '1', '--state', state, '--json'];

    const [summary] = jsonLines(await run('replay', ...args));
    await Promise.all(subscribers.map((client) => client.hear({ type: 'message', seq: 1 })));

    expect(summary?.['deliveries']).toMatchObject({ due: SUBSCRIBERS, delivered: SUBSCRIBERS });
  });

  test('is counted and traced with all of its subscribers, and the doctor takes nothing of it for a fault', async () => {
    const [stats] = jsonLines(await run('stats', '--sample', '1s', '--json'));
    const [traced] = jsonLines(await run('trace', topic, '1', '--json'));
    const doctor = await run('doctor');

    expect(stats?.['topics']).toMatchObject([{ topic, subscribers: SUBSCRIBERS }]);
    expect(traced?.['broadcasts']).toMatchObject([
      {
        subscribers: SUBSCRIBERS,
        undelivered: {},
        isUndone: false,
        workers: expect.arrayContaining([expect.any(String)]),
      },
    ]);
    expect(doctor).toMatchObject({ code: 0, stdout: expect.not.stringContaining('BAD') });
  });
});
