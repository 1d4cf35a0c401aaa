import { jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

describe('the commands, of a connection with a wildcard', () => {
  let bench: RuntimeBench;
  const clients: Dialogue[] = [];
  const posted = new Set<string>();
  const throttled = new Set<string>();

  beforeAll(async () => {
    bench = await startBench({
      interceptCallback: ({ method, connectionId }) => {
        if (method === 'POST') posted.add(connectionId);
        return throttled.has(connectionId) ? { statusCode: 429, errorType: 'LimitExceededException' } : undefined;
      },
    });
  });

  afterAll(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await bench.stop();
  });

  const run = (...args: readonly string[]) => runCommand(bench.runtime.port, ...args);

  async function open(topic: string): Promise<{ readonly client: Dialogue; readonly id: string }> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return { client, id: [...posted].at(-1) ?? '' };
  }

  async function traced(topic: string, id: string): Promise<Record<string, unknown>> {
    const [found] = jsonLines(await run('trace', topic, '1', '--connection', id, '--json'));
    return found ?? {};
  }

  test('trace says that a message came by it, and replay delivers it again', async () => {
    const name = unusedName('traced');
    const [wild, other] = [await open(`${name}/*`), await open('elsewhere')];
    await other.client.ask({ action: 'publish', topic: `${name}/a`, data: 1 });
    await wild.client.hear({ type: 'message', seq: 1 });
    await eventually(async () => (await traced(`${name}/a`, wild.id))['arrived'] === true, 'the broadcast is logged');

    const verdict = await traced(`${name}/a`, other.id);
    const replayed = await run('replay', '--topic', `${name}/a`, '--from', '1', '--to', '1');
    const again = await wild.client.hear({ type: 'message', seq: 1 });

    expect(verdict).toMatchObject({ arrived: false });
    expect(replayed).toMatchObject({ code: 0 });
    expect(again).toMatchObject({ topic: `${name}/a`, data: 1 });
  });

  test('connections shows the wildcard among its subscriptions', async () => {
    const name = unusedName('shown');
    const { id } = await open(`${name}/*`);

    const shown = await run('connections', 'show', id);

    expect(shown.stdout).toContain(`${name}/*`);
  });

  test('what a connection did not take of a topic by it is sent later, for the wildcard', async () => {
    const name = unusedName('owed');
    const [wild, other] = [await open(`${name}/*`), await open('elsewhere')];
    throttled.add(wild.id);
    await other.client.ask({ action: 'publish', topic: `${name}/a`, data: 1 });
    await eventually(
      async () => (await run('connections', 'show', wild.id)).stdout.includes('owed'),
      'the message is owed',
    );

    throttled.delete(wild.id);
    const sent = await wild.client.hear({ type: 'subscribed', topic: `${name}/a` });

    expect(sent).toMatchObject({ wildcard: `${name}/*`, seq: 1, recovered: true, messages: [{ data: 1 }] });
  });
});
