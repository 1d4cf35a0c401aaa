import { authenticatedPort } from '../helpers/authenticated.ts';
import { type CommandResult, jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { eventually } from '../helpers/eventually.ts';

const run = (...args: readonly string[]): Promise<CommandResult> => runCommand(authenticatedPort(), ...args);
const DAY_MS = 86_400_000;

/** Returns the rows of `revocations` for a subject, without those of other tests. */
async function revocationsOf(subject: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return jsonLines(await run('revocations', 'list', '--limit', '10000', '--json')).filter(
    (row) => row['subject'] === subject,
  );
}

describe('revoke, revocations and lift', () => {
  test('revoke takes everything for a day by default, or a pattern for a time, and revocations lists each', async () => {
    const sub = unusedName('ann');
    const [all, news] = [
      await run('revoke', '--sub', sub, '--json'),
      await run('revoke', '--sub', sub, '--topic', 'news/*', '--for', '1h', '--json'),
    ];
    const [first, second] = [...jsonLines(all), ...jsonLines(news)];
    await eventually(async () => (await revocationsOf(sub)).length === 2, 'the index shows both');

    const listed = await revocationsOf(sub);
    const table = await run('revocations', '--limit', '10000');

    expect(listed).toEqual(expect.arrayContaining([first, second]));
    expect([first, second]).toMatchObject([
      { subject: sub, pattern: '*' },
      { subject: sub, pattern: 'news/*' },
    ]);
    const [dayMs, hourMs] = [first, second].map((row) => Date.parse(String(row?.['until'])) - Date.now());
    expect(dayMs).toBeGreaterThan(DAY_MS - 60_000);
    expect(dayMs).toBeLessThanOrEqual(DAY_MS);
    expect(hourMs).toBeLessThanOrEqual(3_600_000);
    expect(table.stdout).toMatch(/^subject +pattern +until +ends in\n/);
    expect(table.stdout).toMatch(new RegExp(`\n${sub} +\\* +20\\S+Z +\\S`));
    expect(table.stderr).toMatch(/^\d+ revocations?\n$/);
  });

  test('a pattern that is revoked again gets the new time', async () => {
    const sub = unusedName('again');
    await run('revoke', '--sub', sub, '--for', '1h');

    const [second] = jsonLines(await run('revoke', '--sub', sub, '--for', '30d', '--json'));
    await eventually(async () => (await revocationsOf(sub)).length > 0, 'the index shows it');

    expect(await revocationsOf(sub)).toEqual([second]);
  });

  test('revocations shows as many as --limit says, and that there are more', async () => {
    const sub = unusedName('many');
    await run('revoke', '--sub', sub, '--topic', 'a');
    await run('revoke', '--sub', sub, '--topic', 'b');
    await eventually(async () => (await revocationsOf(sub)).length === 2, 'the index shows both');

    const listed = await run('revocations', '--limit', '1', '--json');

    expect(jsonLines(listed)).toHaveLength(1);
    expect(listed.stderr).toBe('1 revocation, more are not shown: see --limit\n');
  });

  test('lift ends one pattern or all, says which, and fails where there is nothing to lift', async () => {
    const sub = unusedName('lifted');
    for (const topic of ['a', 'b/*', 'counter:c']) await run('revoke', '--sub', sub, '--topic', topic);

    const one = await run('lift', '--sub', sub, '--topic', 'a');
    const again = await run('lift', '--sub', sub, '--topic', 'a');
    const rest = await run('lift', '--sub', sub, '--json');
    const none = await run('lift', '--sub', sub);

    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^lifted a for ${sub}: `)) });
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: `a is not revoked for ${sub}. See distributary revocations list\n`,
    });
    const [lifted] = jsonLines(rest);
    expect(lifted).toEqual({ subject: sub, lifted: expect.arrayContaining(['b/*', 'counter:c']) });
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Nothing is revoked for') });
    await eventually(async () => (await revocationsOf(sub)).length === 0, 'the index shows none');
  });

  test('a revocation whose time is over is not listed, and cannot be lifted', async () => {
    const sub = unusedName('over');
    const [revoked] = jsonLines(await run('revoke', '--sub', sub, '--for', '1s', '--json'));
    await eventually(() => Date.parse(String(revoked?.['until'])) < Date.now(), 'its time is over');

    const lifted = await run('lift', '--sub', sub);

    expect(lifted).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing is revoked') });
    expect(await revocationsOf(sub)).toEqual([]);
  });

  test.each([
    [['revoke'], 'Name the subject'],
    [['revoke', 'ann'], 'ann is not an option of revoke'],
    [['revoke', '--sub', ''], '--sub is empty'],
    [['revoke', '--sub', 'x'.repeat(129)], '--sub is no subject of a token'],
    [['revoke', '--sub', 'a\nb'], '--sub is no subject of a token'],
    [['revoke', '--sub', 'ann', '--topic', 'news*'], '--topic: news* is not a pattern'],
    [['revoke', '--sub', 'ann', '--topic', 'a,b'], '--topic: a,b is not a pattern'],
    [['revoke', '--sub', 'ann', '--topic', `user/\${sub}/*`], 'is not a pattern'],
    [['revoke', '--sub', 'ann', '--for', '31d'], '--for is at most 30d'],
    [['revoke', '--sub', 'ann', '--for', '0s'], '--for is a time like'],
    [['lift'], 'Name the subject'],
    [['lift', '--sub', 'ann', 'news/*'], 'news/* is not an option of lift'],
    [['lift', '--sub', 'ann', '--topic', '/a'], '--topic: /a is not a pattern'],
    [['revocations', 'show'], 'Use `revocations list`'],
    [['revocations', '--limit', '0'], '--limit is a whole number'],
  ])('%j is refused', async (args, reason) => {
    const result = await run(...args);

    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(reason);
  });

  test.each(['revoke', 'revocations', 'lift'])('%s --help explains itself with examples', async (name) => {
    const help = await run(name, '--help');

    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining(`  distributary ${name}`) });
  });
});
