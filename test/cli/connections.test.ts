import { removeConnection } from '../../shared/store/subscribers.ts';
import { type CommandResult, jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

describe('connections show', () => {
  let bench: RuntimeBench;
  let throttled: string | undefined;
  let isForbidden = false;
  const posted = new Set<string>();
  const clients: Dialogue[] = [];

  beforeEach(async () => {
    throttled = undefined;
    isForbidden = false;
    bench = await startBench({
      interceptCallback: ({ method, connectionId }) => {
        if (method === 'POST') posted.add(connectionId);
        if (method === 'GET' && isForbidden) return { statusCode: 403, errorType: 'ForbiddenException' };
        const isRefused = method === 'POST' && connectionId === throttled;
        return isRefused ? { statusCode: 429, errorType: 'LimitExceededException' } : undefined;
      },
    });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await bench.stop();
  });

  const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(bench.runtime.port, ...args);
  const show = async (id: string) => jsonLines(await run('connections', 'show', id, '--json'))[0] ?? {};

  /** A client that is subscribed to a topic, and the id of its connection: the newest that was posted to. */
  async function subscriber(topic: string): Promise<{ readonly client: Dialogue; readonly id: string }> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return { client, id: [...posted].at(-1) ?? '' };
  }

  test('tells since when it is connected, and its topics with what it asked for', async () => {
    const [topic, other] = [unusedName('shown'), unusedName('shown-too')];
    const { client, id } = await subscriber(topic);
    await client.ask({ action: 'subscribe', topic: other, batch: true, presence: true });

    const shown = await run('connections', 'show', id);

    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^\S+ {2}open, from 127\.0\.0\.1, last active \d+s ago, connected \d+s ago\n/);
    expect(shown.stdout).toMatch(new RegExp(`\n${topic} +single +-\n`));
    expect(shown.stdout).toMatch(new RegExp(`\n${other} +in batches +yes\n2 topics\n$`));
    expect(await show(id)).toMatchObject({
      connectionId: id,
      state: 'open',
      connectedAt: expect.stringMatching(/Z$/),
      sourceIp: '127.0.0.1',
      subscriptions: expect.arrayContaining([
        { topic, batch: false },
        { topic: other, batch: true },
      ]),
      watches: [other],
      owed: [],
      undelivered: [],
    });
  });

  test('tells what it is owed, and which batches did not reach it, until it takes frames again', async () => {
    const topic = unusedName('owed');
    const { client, id } = await subscriber(topic);
    const { client: publisher } = await subscriber(topic);
    throttled = id;
    await publisher.ask({ action: 'publish', topic, data: 'missed' });
    await eventually(async () => ((await show(id))['owed'] as unknown[]).length > 0, 'a catch-up is owed');
    await eventually(async () => ((await show(id))['undelivered'] as unknown[]).length > 0, 'the batch is logged');

    const shown = await run('connections', 'show', id);
    const json = await show(id);
    throttled = undefined;
    await client.hear({ type: 'subscribed', topic, seq: 1 });
    await eventually(async () => ((await show(id))['owed'] as unknown[]).length === 0, 'the debt is paid');

    expect(shown.stdout).toMatch(new RegExp(`\nowed a catch-up of ${topic} after seq 0, for \\d+s: `));
    expect(shown.stdout).toMatch(
      new RegExp(`\n${topic}: 1 batch not delivered in the last 10m, the last \\d+s ago: throttled`),
    );
    expect(json).toMatchObject({
      owed: [{ topic, after: { seq: 0 }, since: expect.any(String), nextTry: expect.any(String) }],
      undelivered: [{ topic, outcome: 'throttled', times: 1 }],
    });
  });

  test('tells what the records say where API Gateway may not be asked', async () => {
    const { id } = await subscriber(unusedName('forbidden'));
    isForbidden = true;

    const shown = await run('connections', 'show', id);
    const unknown = await run('connections', 'show', 'L0SM9cOFvHcCIhw=');

    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/open or closed, connected \d+s ago\n/) });
    expect(shown.stderr).toContain('API Gateway did not say whether it is open (ForbiddenException');
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('ForbiddenException') });
    expect(unknown.stderr).not.toMatch(/^\s+at /m);
  });

  test('of one that nobody knows is an error, as of one that has ended', async () => {
    const { client, id } = await subscriber(unusedName('ended'));
    await client.close();
    await eventually(() => bench.runtime.idle(), 'its records are deleted');

    for (const unknown of ['L0SM9cOFvHcCIhw=', 'no id', id]) {
      const shown = await run('connections', 'show', unknown, '--json');

      expect(shown).toMatchObject({ code: 1, stdout: '' });
      expect(shown.stderr).toMatch(
        new RegExp(`^There is no connection ${unknown}: .*See distributary connections list\n$`),
      );
    }
    expect(await run('connections', 'show')).toMatchObject({ code: 2, stderr: expect.stringContaining('show ID') });
  });

  test('of one without records says that nothing is delivered to it', async () => {
    const topic = unusedName('left');
    const { client, id } = await subscriber(topic);
    // Its records, as a false 410 would remove them.
    await removeRecords(bench, id);

    const shown = await run('connections', 'show', id);
    const json = await show(id);
    client.say({ action: 'subscribe', topic });
    await client.hear({ type: 'subscribed', topic });

    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('It has no records') });
    expect(json).toMatchObject({ state: 'open', subscriptions: [], owed: [] });
  });
});

const removeRecords = ({ dynamodb, output }: RuntimeBench, connectionId: string): Promise<number> =>
  removeConnection({ client: dynamodb, table: output('SubscriptionsTable') }, connectionId);
