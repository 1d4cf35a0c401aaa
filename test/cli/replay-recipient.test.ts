import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

describe('whom a replay gets to', () => {
  let bench: RuntimeBench;
  let directory: string;
  const clients: Dialogue[] = [];
  const posted = new Set<string>();
  const faults = new Map<string, { statusCode: number; errorType: string }>();

  beforeAll(async () => {
    bench = await startBench({
      interceptCallback: ({ method, connectionId }) => {
        if (method === 'POST') posted.add(connectionId);
        return faults.get(connectionId);
      },
    });
    directory = await mkdtemp(join(tmpdir(), 'distributary-recipient-'));
  });
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  afterAll(async () => {
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const replay = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(bench.runtime.port, 'replay', '--state', join(directory, 'replay.json'), '--json', ...args);

  const deliveriesOf = (result: CommandResult): unknown => jsonLines(result)[0]?.['deliveries'];

  /** Publishes seqs 1 to `count`. */
  async function publish(topic: string, count: number): Promise<void> {
    const publisher = await openDialogue(`${bench.runtime.url}?topics=`);
    for (let seq = 1; seq <= count; seq++) await publisher.ask({ action: 'publish', topic, data: seq });
    await publisher.close();
    await eventually(() => bench.runtime.idle(), 'all is broadcast');
  }

  /** A client that is subscribed to a topic, and the id of its connection: the newest that was posted to. */
  async function subscriber(topic: string): Promise<{ readonly client: Dialogue; readonly id: string }> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return { client, id: [...posted].at(-1) ?? '' };
  }

  test('--to-connection of a connection that is not there sends nothing, fails and says so', async () => {
    const topic = unusedName('nobody');
    await publish(topic, 20);
    const { client } = await subscriber(topic);
    const range = ['--topic', topic, '--from', '1', '--to', '20'];

    const sent = await replay(...range, '--to-connection', 'nosuch=');
    const dry = await replay(...range, '--to-connection', 'nosuch=', '--dry-run');
    // The frames that were sent before have come when this one is answered.
    await client.ask({ action: 'unsubscribe', topic });

    for (const result of [sent, dry]) {
      expect(result).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('There is no connection nosuch='),
      });
    }
    expect(client.heard.filter(({ type }) => type === 'message')).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  test('--to-connection of one that is subscribed to something else fails, and says that nothing was due to it', async () => {
    const [topic, other] = [unusedName('wanted'), unusedName('other')];
    await publish(topic, 2);
    const { id } = await subscriber(other);

    const result = await replay('--topic', topic, '--from', '1', '--to', '2', '--to-connection', id);

    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(`Nothing was due to ${id}`) });
    expect(deliveriesOf(result)).toMatchObject({ records: 2, due: 0 });
  });

  test('--to-connection of one that is gone before it is reached fails: nothing came to it', async () => {
    const topic = unusedName('vanished');
    await publish(topic, 2);
    const { id } = await subscriber(topic);
    faults.set(id, { statusCode: 410, errorType: 'GoneException' });

    const result = await replay('--topic', topic, '--from', '1', '--to', '2', '--to-connection', id);

    expect(result.code).toBe(1);
    expect(deliveriesOf(result)).toMatchObject({ due: 2, delivered: 0, gone: 2 });
  });

  test('a replay to a topic without subscribers says that nobody is there, and is done: the archive has it', async () => {
    const topic = unusedName('empty');
    await publish(topic, 2);

    const result = await replay('--topic', topic, '--from', '1', '--to', '2');

    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('Nobody is subscribed') });
  });
});
