import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench, writePoison } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

describe('failures', () => {
  let bench: RuntimeBench;
  let isDown = false;
  let isThrottled = false;
  const answerTo = (method: string) =>
    isThrottled && method === 'POST' ? { statusCode: 429, errorType: 'LimitExceededException' } : undefined;
  let directory: string;
  const clients: Dialogue[] = [];

  beforeEach(async () => {
    isDown = false;
    isThrottled = false;
    directory = await mkdtemp(join(tmpdir(), 'distributary-failures-'));
    bench = await startBench({ interceptCallback: ({ method }) => (isDown ? { statusCode: 503 } : answerTo(method)) });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(bench.runtime.port, ...args);
  const state = (): string => join(directory, 'replay.json');
  const list = async (): Promise<Record<string, unknown>[]> => jsonLines(await run('failures', 'list', '--json'));

  async function subscriber(topic: string): Promise<Dialogue> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(client);
    await client.hear({ type: 'subscribed', topic });
    return client;
  }

  /** Publishes while nobody can be reached, until the batch is given up. */
  async function giveUp(client: Dialogue, topic: string, data: readonly string[]): Promise<void> {
    const before = (await bench.failures()).length;
    isDown = true;
    for (const each of data) await client.ask({ action: 'publish', topic, data: each });
    await eventually(() => bench.runtime.idle(), 'all retries are over');
    isDown = false;
    expect((await bench.failures()).length).toBeGreaterThan(before);
  }

  test('an endpoint that was down past all retries: replay delivers in order, removes the failure, and nothing is lost', async () => {
    const topic = unusedName('given-up');
    const client = await subscriber(topic);
    await client.ask({ action: 'publish', topic, data: 'before' });
    await client.hear({ type: 'message', seq: 1 });
    await giveUp(client, topic, ['lost one', 'lost two']);

    const listed = await list();
    const shown = await run('failures', 'show', String(listed[0]?.['id']));
    const replayed = await run('replay', '--all-failures', '--state', state(), '--json');
    await client.hear({ type: 'message', seq: 3 });

    expect(listed[0]).toMatchObject({ stream: 'topics', condition: 'RetryAttemptsExhausted', tries: 9 });
    expect(listed.flatMap(({ what }) => what).join()).toContain(topic);
    expect(shown.stdout).toContain(topic);
    expect(replayed.code).toBe(0);
    expect(jsonLines(replayed)[0]).toMatchObject({ records: { sent: 2 }, deliveries: { due: 2, delivered: 2 } });
    expect(client.heard.filter(({ type }) => type === 'message').map(({ seq, data }) => [seq, data])).toEqual([
      [1, 'before'],
      [2, 'lost one'],
      [3, 'lost two'],
    ]);
    expect(await bench.failures()).toEqual([]);
  });

  test('while the endpoint is still down, a replay says so, keeps the failure, and is continued later', async () => {
    const topic = unusedName('still-down');
    const client = await subscriber(topic);
    await giveUp(client, topic, ['late']);
    const [failure] = await list();
    const id = String(failure?.['id']);

    isDown = true;
    const failed = await run('failures', 'replay', id.slice(0, 8), '--state', state());
    isDown = false;
    const resumed = await run('replay', '--resume', '--state', state());
    await client.hear({ type: 'message', seq: 1 });

    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('reached none of 1 connections') });
    expect(failed.stdout).toContain('read 1 = 0 sent + 1 left\ndue 0 = 0 delivered');
    expect(resumed.code).toBe(0);
    expect(await bench.failures()).toEqual([]);
  });

  test('what a connection did not take is not delivered: the failure stays until it is', async () => {
    const topic = unusedName('throttled');
    const client = await subscriber(topic);
    await giveUp(client, topic, ['late']);
    const [failure] = await list();
    const id = String(failure?.['id']);

    isThrottled = true;
    const throttled = await run('failures', 'replay', id, '--state', state());
    const kept = await bench.failures();
    isThrottled = false;
    const delivered = await run('failures', 'replay', id, '--state', state());
    await client.hear({ type: 'message', seq: 1 });

    expect(throttled).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of 1 messages were not taken') });
    expect(kept).toHaveLength(1);
    expect(delivered.code).toBe(0);
    expect(await bench.failures()).toEqual([]);
  });

  test('poison is named and kept, until it is discarded', async () => {
    const topic = unusedName('poison');
    await writePoison(bench, topic);
    await eventually(async () => (await bench.failures()).length > 0, 'the poison record is given up');
    const [failure] = await list();
    const id = String(failure?.['id']);

    const replayed = await run('failures', 'replay', id, '--state', state());
    const dry = await run('failures', 'replay', id, '--dry-run', '--state', state());
    const kept = await bench.failures();
    const unasked = await run('failures', 'discard', id);
    const discarded = await run('failures', 'discard', id, '--yes');
    const unknown = await run('failures', 'show', id);

    expect(replayed).toMatchObject({ code: 1, stderr: expect.stringContaining(`poison: ${topic}: attribute epoch`) });
    expect(replayed.stdout).toContain('read 1 = 0 sent + 1 poison');
    expect(dry).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`would keep ${id}: 1 of 1 records are poison`),
    });
    expect(dry.stdout).toMatch(/^read 1 = 0 to send/);
    expect(kept).toHaveLength(1);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(discarded.code).toBe(0);
    expect(await bench.failures()).toEqual([]);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('failures list') });
  });

  test('failures alone lists them; discard --all asks, says how many there are, and leaves none', async () => {
    const none = await run('failures', 'discard', '--all');
    const before = await run('failures');
    for (const topic of ['first', 'second', 'third']) await writePoison(bench, unusedName(topic));
    await eventually(async () => (await bench.failures()).length === 3, 'the poison records are given up');

    const listed = await run('failures', '--json');
    const unasked = await run('failures', 'discard', '--all');
    const kept = await bench.failures();
    const discarded = await run('failures', 'discard', '--all', '--yes');
    const after = await run('failures', 'discard', '--all', '--yes', '--json');

    expect(none).toEqual({ code: 0, stdout: 'There is no failure to discard.\n', stderr: '' });
    expect(before).toEqual({ code: 0, stdout: '', stderr: '0 failures\n' });
    expect(jsonLines(listed)).toHaveLength(3);
    expect(unasked).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('(3 failures)? There is no ter'),
    });
    expect(kept).toHaveLength(3);
    expect(discarded).toEqual({ code: 0, stdout: 'discarded 3 failures\n', stderr: '' });
    expect(jsonLines(after)).toEqual([{ discarded: 0 }]);
    expect(await bench.failures()).toEqual([]);
  });

  test('a catch-up that was given up is made again, unless its connection is gone', async () => {
    const topic = unusedName('catch-up');
    const publisher = await subscriber(unusedName('elsewhere'));
    await publisher.ask({ action: 'publish', topic, data: 'missed' });
    isDown = true;
    const waiting = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    clients.push(waiting);
    await eventually(async () => (await bench.failures()).length > 0, 'the catch-up is given up');
    isDown = false;
    const [failure] = await list();
    const id = String(failure?.['id']);

    const shown = await run('failures', 'show', id);
    const dry = await run('failures', 'replay', id, '--dry-run', '--state', state());
    const dryJson = jsonLines(await run('failures', 'replay', id, '--dry-run', '--state', state(), '--json'));
    const kept = await bench.failures();
    const replayed = await run('failures', 'replay', id, '--state', state());
    const answer = await waiting.hear({ type: 'subscribed', topic });

    expect(failure).toMatchObject({ stream: 'subscriptions', records: 1 });
    expect(String(failure?.['what'])).toContain(`catch-up of ${topic} for `);
    expect(shown.stdout).toContain(topic);
    expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('1 catch-up would be asked for again') });
    expect(dry.stdout).toMatch(
      new RegExp(`^connection +catch-up of +what would be done\\n\\S+ +${topic} +it would be asked`),
    );
    expect(dryJson).toMatchObject([{ dryRun: true, rows: [], catchUps: [{ subject: topic, result: 'asked' }] }]);
    expect(kept).toHaveLength(1);
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining('1 catch-up asked for again') });
    expect(answer).toMatchObject({ seq: 1, recovered: true });
    expect(await bench.failures()).toEqual([]);
    // The connection's list was stamped with it: an unsubscribe still takes the topic off.
    await waiting.ask({ action: 'unsubscribe', topic });
    const listed = jsonLines(await run('connections', 'list', '--json')).flatMap(({ topics }) => topics);
    expect(listed).not.toContain(topic);
  });

  test('a catch-up whose client has gone, or has asked again, needs nothing: its failure is removed', async () => {
    const topic = unusedName('needless');
    isDown = true;
    const [gone, again] = [
      await openDialogue(`${bench.runtime.url}?topics=${topic}`),
      await openDialogue(`${bench.runtime.url}?topics=${topic}`),
    ];
    clients.push(again);
    await eventually(async () => (await list()).flatMap(({ what }) => what).length >= 2, 'both catch-ups are given up');
    isDown = false;
    await gone.close();
    await eventually(() => bench.runtime.idle(), 'its records are deleted');
    again.say({ action: 'subscribe', topic });
    await again.hear({ type: 'subscribed', topic });

    const dry = await run('replay', '--all-failures', '--dry-run', '--state', state());
    const replayed = await run('replay', '--all-failures', '--state', state(), '--json');

    expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('0 catch-ups would be asked for again') });
    expect(dry.stdout).toContain('nothing: the client has asked for it again itself');
    expect(dry.stdout).toContain('nothing: the subscription is gone');
    const { caughtUp } = (jsonLines(replayed)[0]?.['failures'] ?? {}) as { caughtUp: Record<string, number>[] };
    const sum = (name: string): number => caughtUp.reduce((total, each) => total + (each[name] ?? 0), 0);
    expect(replayed.code).toBe(0);
    expect({ asked: sum('asked'), superseded: sum('superseded'), gone: sum('gone') }).toEqual({
      asked: 0,
      superseded: 1,
      gone: 1,
    });
    expect(await bench.failures()).toEqual([]);
  });
});
