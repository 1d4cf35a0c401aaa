import { createRemoteJWKSet, jwtVerify } from 'jose';
import { jsonLines, runCommand } from '../helpers/command.ts';
import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';

describe('token', () => {
  let runtime: RunningRuntime;
  let port: number;
  beforeAll(async () => {
    runtime = await startRuntime();
    port = Number(new URL(runtime.url).port);
  });
  afterAll(() => runtime.stop());

  const run = (...args: readonly string[]) => runCommand(port, 'token', ...args);

  const ALL = ['--sub', 'ann', '--subscribe', 'news/*,user/${sub}/*', '--publish', 'news/*', '--count', 'votes'];

  test('prints the token alone, and to standard error what it permits and until when', async () => {
    const result = await run(...ALL, '--presence', '*', '--name', 'Ann', '--for', '90s');

    const issuer = `http://127.0.0.1:${port}/_runtime`;
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));
    const { payload } = await jwtVerify(result.stdout.trim(), keys, { issuer, audience: 'distributary-local' });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) });
    expect(payload).toMatchObject({
      sub: 'ann',
      name: 'Ann',
      subscribe: ['news/*', 'user/${sub}/*'],
      publish: ['news/*'],
      count: ['votes'],
      presence: ['*'],
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(90);
    const end = new Date(Number(payload.exp) * 1_000).toISOString();
    expect(result.stderr).toContain(
      `ann may subscribe news/* user/\${sub}/*, publish news/*, count votes, presence *, until ${end}`,
    );
  });

  test('says that the runtime does not ask for tokens, and that a token without patterns permits nothing', async () => {
    const result = await run('--sub', 'ann');

    expect(result.code).toBe(0);
    expect(result.stderr).toContain('may do nothing');
    expect(result.stderr).toContain('npm start -- --auth');
  });

  test('lasts an hour by default, and is JSON with --json', async () => {
    const result = await run('--sub', 'ann', '--publish', 'news', '--json');

    const [printed] = jsonLines(result);
    expect(printed).toEqual({
      token: expect.any(String),
      sub: 'ann',
      subscribe: [],
      publish: ['news'],
      count: [],
      presence: [],
      expiresAt: expect.stringMatching(/Z$/),
      hasAuthorizer: false,
    });
    const lifeMs = Date.parse(String(printed?.['expiresAt'])) - Date.now();
    expect(lifeMs).toBeGreaterThan(3_500_000);
    expect(lifeMs).toBeLessThanOrEqual(3_600_000);
  });

  test.each([
    [[], 'Name the subject'],
    [['--sub', ''], '--sub is empty'],
    [['--sub', 'ann', 'bob'], 'bob is not an option'],
    [['--sub', 'ann', '--publish', 'news*'], '--publish: news* is not a pattern for ann'],
    [['--sub', 'ann', '--subscribe', 'a,,b'], '--subscribe:  is not a pattern'],
    [['--sub', 'a/b', '--subscribe', 'user/${sub}/*'], 'is not a pattern for a/b'],
    [['--sub', 'ann', '--for', '25h'], '--for is at most 24h'],
    [['--sub', 'ann', '--for', '0s'], '--for is a time like'],
    [['--sub', 'ann', '--for', 'soon'], '--for is a time like'],
  ])('%j is refused', async (args, reason) => {
    const result = await run(...args);

    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(reason);
  });

  test('says what the runtime refuses', async () => {
    const result = await run('--sub', 'x'.repeat(129));

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('(400: sub is a text of 1 to 128 characters)');
  });

  test('says how to start a runtime where none answers', async () => {
    const result = await runCommand(2, 'token', '--sub', 'ann');

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('npm start');
  });
});
