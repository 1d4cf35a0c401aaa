import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, jsonLines, runCommand, startCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

const seqsOf = ({ heard }: Dialogue): unknown[] => heard.filter(({ type }) => type === 'message').map(({ seq }) => seq);

describe('messages that were published at once', () => {
  let bench: RuntimeBench;
  let directory: string;
  let client: Dialogue;
  let topic: string;
  let isDown = false;

  beforeEach(async () => {
    isDown = false;
    bench = await startBench({ interceptCallback: () => (isDown ? { statusCode: 503 } : undefined) });
    directory = await mkdtemp(join(tmpdir(), 'distributary-at-once-'));
    topic = unusedName('at-once');
    client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
  });
  afterEach(async () => {
    await client.close();
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(bench.runtime.port, ...args);
  const state = (): string => join(directory, 'replay.json');
  const settled = (): Promise<void> => eventually(() => bench.runtime.idle(), 'all is broadcast, or given up');
  const publish = (...messages: readonly string[]) => client.ask({ action: 'publish', topic, messages });

  test('are each a line of tail, and each can be traced to who published them', async () => {
    const tail = startCommand(bench.runtime.port, ['tail', topic, '--json']);
    await eventually(() => expect(tail.stderr()).toContain('Watching'), 'the tail watches');

    await publish('a', 'b', 'c');
    await client.hear({ type: 'message', seq: 3 });
    await settled();
    await eventually(() => jsonLines({ stdout: tail.stdout() }).length === 3, 'the tail shows all');
    tail.process.kill('SIGINT');
    await tail.ended;
    const traced = await run('trace', topic, '2');

    const lines = jsonLines({ stdout: tail.stdout() });
    expect(lines).toMatchObject(['a', 'b', 'c'].map((data, index) => ({ seq: index + 1, data })));
    expect(new Set(lines.map(({ streamSequenceNumber }) => streamSequenceNumber)).size).toBe(1);
    expect(traced.stdout).toMatch(/written by connection \S+ \(publish/);
  });

  test('are replayed from the archive, each on its own', async () => {
    await publish('a', 'b', 'c');
    await client.hear({ type: 'message', seq: 3 });
    await settled();

    const replayed = await run('replay', '--topic', topic, '--from', '2', '--to', '3', '--state', state(), '--json');
    await eventually(() => expect(seqsOf(client)).toHaveLength(5), 'both came again');

    expect(jsonLines(replayed)[0]).toMatchObject({ records: { sent: 2 }, deliveries: { delivered: 2 } });
    expect(seqsOf(client)).toEqual([1, 2, 3, 2, 3]);
  });

  test('are given up together, and delivered after all in order', async () => {
    await publish('before');
    await client.hear({ type: 'message', seq: 1 });
    isDown = true;
    await publish('a', 'b', 'c');
    await settled();
    isDown = false;

    const listed = jsonLines(await run('failures', 'list', '--json'));
    const replayed = await run('replay', '--all-failures', '--state', state(), '--json');
    await client.hear({ type: 'message', seq: 4 });

    expect(listed).toMatchObject([{ what: [`${topic} 2–4`] }]);
    expect(jsonLines(replayed)[0]).toMatchObject({ records: { sent: 3 }, deliveries: { delivered: 3 } });
    expect(seqsOf(client)).toEqual([1, 2, 3, 4]);
    expect(await bench.failures()).toEqual([]);
  });
});
