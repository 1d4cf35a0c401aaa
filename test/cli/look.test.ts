import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, runCommand, startCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';
import { eventually } from '../helpers/eventually.ts';

describe('the command line', () => {
  let runtime: RunningRuntime;
  let port: number;
  beforeAll(async () => {
    runtime = await startRuntime();
    port = Number(new URL(runtime.url).port);
  });
  afterAll(() => runtime.stop());

  const run = (...args: readonly string[]) => runCommand(port, ...args);

  test('publish says where the message ended up, and subscribers get it', async () => {
    const topic = unusedName('published');
    const client = await openDialogue(`${runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });

    const result = await run('publish', topic, '{"a":[1]}', '--json');
    const message = await client.hear({ type: 'message', topic });
    await client.close();

    expect(result.code).toBe(0);
    expect(jsonLines(result)).toEqual([{ topic, epoch: message['epoch'], seq: 1 }]);
    expect(message).toMatchObject({ seq: 1, data: { a: [1] } });
  });

  test('publish with the same key publishes once', async () => {
    const topic = unusedName('keyed');

    const first = await run('publish', topic, '1', '--key', 'once', '--json');
    const second = await run('publish', topic, '1', '--key', 'once', '--json');

    expect(jsonLines(second)).toEqual(jsonLines(first));
    expect(jsonLines(first)[0]).toMatchObject({ seq: 1 });
  });

  test.each([
    [['publish', 'news', 'not json'], 2, 'not JSON'],
    [['publish', 'news'], 2, 'topic and one JSON text'],
    [['publish', 'counter:votes', '1'], 1, 'bad-topic'],
    [['nonsense'], 2, 'no command nonsense'],
    [['--json'], 2, 'Name a command'],
    [['help', 'nonsense'], 2, 'no command nonsense'],
    [['--nonsense', 'stats'], 2, "Unknown option '--nonsense'"],
    [['failures', 'nonsense'], 2, 'no failures nonsense'],
    [['failures', 'discard'], 2, 'failures discard --all'],
    [['failures', 'discard', '3f2a', '--all'], 2, 'failures discard --all'],
    [['failures', 'replay', '--all'], 2, '--all belongs to failures discard'],
    [['stats', '--watch', '1', '--sample', '2s'], 2, 'not both'],
    [['stats', '--watch', '2h'], 2, '--watch is at most 1h'],
    [['stats', '--sample', '30d'], 2, '--sample is at most 1h'],
    [['stats', '--watch', '0'], 2, '--watch is a time like'],
    [['tail', '--nonsense'], 2, "Unknown option '--nonsense'"],
    [['tail', '/news'], 2, '/news is not the name of a topic'],
    [['tail', 'news', 'counter:*'], 2, 'counter:* is not the name of a topic'],
    [['tail', '--from', 'x'], 2, '--from takes the sequence number'],
    [['connections', 'list', '--limit', '0'], 2, '--limit is a whole number'],
    [['connections', 'close', 'L0SM9cOFvHcCIhw=', '--yes'], 1, 'is gone already'],
    [['connections', 'close', 'L0SM9cOFvHcCIhw='], 2, '--yes'],
    [['connections', 'list', '--stack', 'x', '--url', 'http://127.0.0.1'], 2, 'not both'],
    [['connections', 'list', '--url', 'nonsense'], 2, 'nonsense is not the address of a local runtime'],
    [['connections', 'close', '', '--yes'], 2, 'Argument 2 is empty'],
    [['failures', 'discard', '', '--yes'], 2, 'Argument 2 is empty'],
    [['trace', 'news', '1', '--connection='], 2, '--connection is empty'],
    [['doctor', '--topic', ''], 2, '--topic is empty'],
    [['replay', '--since', '20m', '--to-connection='], 2, '--to-connection is empty'],
    [['replay', '--since', '20'], 2, '--since is a time like'],
    [['replay', '--from', '1', '--since', '20m'], 2, '--from belongs to --topic'],
    [['replay', '--resume', '--topic', 'news'], 2, 'cannot be changed by --resume'],
  ])('%p is refused in words, with nothing on standard output', async (args, code, words) => {
    const result = await run(...args);

    expect(result).toEqual({ code, stdout: '', stderr: expect.stringContaining(words) });
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('help for the whole and for each command has examples, and exits with 0', async () => {
    const help = await run('--help');
    const names = Array.from(help.stdout.matchAll(/^ {2}([a-z]+) {2,}/gm), ([, name = '']) => name);

    const helps = await Promise.all(names.map((name) => run(name, '--help')));

    expect(names).toEqual(expect.arrayContaining(['tail', 'replay', 'failures', 'publish', 'connections']));
    expect(helps.map(({ code }) => code)).toEqual(names.map(() => 0));
    for (const [index, { stdout }] of helps.entries()) expect(stdout).toContain(`  distributary ${names[index]}`);
  });

  test('options may precede the command', async () => {
    const result = await run('--limit', '1', '--url', `http://127.0.0.1:${port}`, 'connections', '--json', 'list');

    expect(result).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\d+ connections?/) });
    expect(await run('--help', 'grow')).toEqual(await run('grow', '--help'));
  });

  test('--version is that of the package, with and without a command', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));

    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await run('stats', '--version', '--json')).toMatchObject({ code: 0, stdout: `{"version":"${version}"}\n` });
  });

  test('connections: lists who is connected with their topics, and closes one', async () => {
    const topic = unusedName('listed');
    const [client, other] = [await openDialogue(`${runtime.url}?topics=${topic}`), await openDialogue(runtime.url)];
    await client.hear({ type: 'subscribed', topic });

    const listed = jsonLines(await run('connections', 'list', '--json'));
    const bounded = await run('connections', 'list', '--limit', '1');
    const own = listed.find(({ topics }) => Array.isArray(topics) && topics.includes(topic));
    const closed = await run('connections', 'close', String(own?.['connectionId']), '--yes');
    const { code } = await client.closed();
    await other.close();

    expect(listed.length).toBeGreaterThanOrEqual(2);
    expect(bounded.stdout.trim().split('\n')).toHaveLength(2);
    expect(bounded.stderr).toContain('not shown');
    expect(closed.code).toBe(0);
    expect(code).toBe(1000);
  });

  test('tail: shows changes as they are written, of the topics that were named, until Ctrl-C; --from goes on', async () => {
    const [topic, counter, other] = [unusedName('tailed'), unusedName('tailed'), unusedName('other')];
    const client = await openDialogue(`${runtime.url}?topics=`);
    const tail = startCommand(port, ['tail', topic, `counter:${counter}`, '--json']);
    await eventually(() => expect(tail.stderr()).toContain('Watching'), 'the tail watches');

    await client.ask({ action: 'publish', topic, data: 'one' });
    await client.ask({ action: 'publish', topic: other, data: 'not this' });
    await client.ask({ action: 'plus', counter, by: 5 });
    await eventually(() => jsonLines({ stdout: tail.stdout() }).length === 2, 'the tail shows both');
    tail.process.kill('SIGINT');
    const ended = await tail.ended;
    await client.ask({ action: 'publish', topic, data: 'two' });
    const from = String(jsonLines(ended).at(-1)?.['streamSequenceNumber']);
    const resumed = await run('tail', topic, '--from', from, '--limit', '1');
    await client.close();

    expect(ended.code).toBe(0);
    expect(jsonLines(ended)).toMatchObject([
      { topic, seq: 1, kind: 'message', data: 'one' },
      { topic: `counter:${counter}`, seq: 1, kind: 'counter', value: 5 },
    ]);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toMatch(new RegExp(`^\\S+Z  ${topic}  2  message  5 bytes  "two"  \\d+\\n$`));
  });
});
