import { jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';

describe('grow', () => {
  let runtime: RunningRuntime;
  let port: number;
  beforeAll(async () => {
    runtime = await startRuntime();
    port = Number(new URL(runtime.url).port);
  });
  afterAll(() => runtime.stop());

  const run = (...args: readonly string[]) => runCommand(port, ...args);

  test('gives a topic the shards for its subscribers before anyone publishes, and takes none away', async () => {
    const topic = unusedName('stadium');

    const grown = await run('grow', topic, '7000', '--yes', '--json');
    const again = await run('grow', topic, '1', '--json');
    const client = await openDialogue(`${runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    await run('publish', topic, '"to all shards"');
    const message = await client.hear({ type: 'message', topic });
    await client.close();

    expect([jsonLines(grown), jsonLines(again)]).toEqual([[{ topic, shards: 4 }], [{ topic, shards: 4 }]]);
    expect(message).toMatchObject({ seq: 1, data: 'to all shards' });
  });

  test('asks first, with what is final and what it costs, and changes nothing where nobody can answer', async () => {
    const topic = unusedName('asked');
    await run('publish', topic, '1');

    const asked = await run('grow', topic, '100000');
    const grown = await run('grow', topic, '2001', '--yes', '--json');

    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain(`${topic} has 1 shard; 100,000 subscribers need 64, which are never removed.`);
    expect(asked.stderr).toMatch(/A million publishes then cost about \d+ USD .* instead of 0/);
    expect(asked.stderr).toContain('confirm by --yes');
    expect(asked.stderr).not.toContain('Nobody has published');
    expect(jsonLines(grown)).toEqual([{ topic, shards: 2 }]);
  });

  test('says of a topic that is not known that nobody has published to it, and which one may be meant', async () => {
    const topic = unusedName('final');
    await run('publish', topic, '1');

    const asked = await run('grow', `${topic}x`, '100000');

    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain(`Nobody has published to ${topic}x. Did you mean ${topic}?`);
  });

  test('does not ask where the topic has as many shards already', async () => {
    const topic = unusedName('enough');

    const result = await run('grow', topic, '2000', '--json');

    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(result)).toEqual([{ topic, shards: 1 }]);
  });

  test.each([
    [['news'], 'Give a topic and a number of subscribers'],
    [['/news', '10'], 'not the name of a topic'],
    [['news', 'many'], 'not a number of subscribers'],
    [['news', '0'], 'not a number of subscribers'],
    [['news', '1024001', '--yes'], 'at most 1,024,000'],
  ])('%j is refused in words', async (args, words) => {
    const result = await run('grow', ...args);

    expect(result).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(words) });
  });
});
