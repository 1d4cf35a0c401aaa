import { rmSync } from 'node:fs';
import { GATED_HANDLER, LambdaFixture, processState } from './lambda-fixture.ts';
import { eventually } from '../../../helpers/eventually.ts';

describe('A failing environment', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('is killed when the time is over, and the next invocation starts cold', async () => {
    const fn = fixture.fn(
      `const born = process.pid;
       export const handler = async (event) => {
         console.log('pid', born);
         if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
         return born;
       };`,
      { timeoutSeconds: 0.5 },
    );
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, { hang: true });
    const next = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'function-error', errorType: 'Sandbox.Timedout' });
    expect(Object(result).errorMessage).toMatch(
      new RegExp(`^RequestId: ${result.requestId} Error: Task timed out after 0\\.50 seconds$`),
    );
    const firstPid = Number(/pid (\d+)/.exec(pool.lines[0]?.line ?? '')?.[1]);
    await eventually(() => expect(processState(firstPid)).toBe(undefined));
    expect(Object(next).payload).not.toBe(firstPid);
  });

  it('is killed even when its code never yields', async () => {
    const fn = fixture.fn('export const handler = async () => { for (;;); };', { timeoutSeconds: 0.3 });
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  it.each([
    ['process.exit(7)', 'Runtime exited with error: exit status 7'],
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['process.abort()', 'Runtime exited with error: signal: aborted'],
  ])('that ends itself by %s is a Runtime.ExitError', async (code, words) => {
    const fn = fixture.fn(`export const handler = async () => { ${code}; await new Promise(() => {}); };`);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({
      outcome: 'function-error',
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${result.requestId} Error: ${words}`,
    });
  });

  it('killed with -9 in the middle of an invocation fails it at once, and a new one takes the next', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn]);
    const pending = pool.invoke(fn.arn, { gate: gate.file, name: 'victim' });
    await pool.waitForLines('started victim', 1);

    const pid = pool.environments()[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const result = await pending;
    gate.open();
    const next = await pool.invoke(fn.arn, { gate: gate.file, name: 'next' });

    expect(result).toMatchObject({
      outcome: 'function-error',
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${result.requestId} Error: Runtime exited with error: signal: killed`,
    });
    expect(next).toMatchObject({ outcome: 'success', payload: { name: 'next' } });
    expect(pool.environments().map((environment) => environment.pid)).not.toContain(pid);
  });

  it('killed with -9 while it is frozen is not used again', async () => {
    const fn = fixture.fn('export const handler = async () => process.pid;');
    const pool = fixture.pool([fn]);
    const { payload: pid } = Object(await pool.invoke(fn.arn, {}));

    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(pool.environments()).toHaveLength(0));
    const next = await pool.invoke(fn.arn, {});

    expect(next).toMatchObject({ outcome: 'success' });
  });

  it.each([
    [
      'an unhandled rejection',
      'void Promise.reject(new TypeError("lost"))',
      'Runtime.UnhandledPromiseRejection',
      'TypeError: lost',
    ],
    ['an uncaught exception', 'setTimeout(() => { throw new TypeError("loose"); }, 1)', 'TypeError', 'loose'],
    ['a promise that never settles', '0', 'Runtime.NodeJsExit', expect.stringContaining('never settled')],
  ])('by %s reports it and is replaced', async (_cause, code, ...expected) => {
    const [errorType, errorMessage] = expected;
    const fn = fixture.fn(`
      export const handler = async (event) => {
        if (event.ok) return process.pid;
        console.log('pid', process.pid);
        ${code};
        await new Promise(() => {});
      };`);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});
    const next = await pool.invoke(fn.arn, { ok: true });

    expect(result).toMatchObject({ outcome: 'function-error', errorType, errorMessage });
    expect(next).toMatchObject({ outcome: 'success' });
    expect(pool.lines[0]?.line).not.toContain(`pid ${Object(next).payload}`);
  });

  it('by a rejection that nobody waits for fails the invocation that caused it', async () => {
    const fn = fixture.fn(
      'export const handler = async () => { void Promise.reject(new Error("lost")); return "fine"; };',
    );
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' });
  });

  it('slow to initialize is started again within the invocation', async () => {
    const fn = fixture.fn(`
      import { existsSync, writeFileSync } from 'node:fs';
      const isFirst = !existsSync('begun');
      writeFileSync('begun', '');
      if (isFirst) await new Promise((resolve) => setTimeout(resolve, 60_000));
      export const handler = async () => 'second start';`);
    const pool = fixture.pool([fn], { limits: { initMs: 500 } });

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'success', payload: 'second start' });
    expect(pool.environments()).toHaveLength(1);
  });

  it('that never gets initialized times out', async () => {
    const fn = fixture.fn('await new Promise((resolve) => setTimeout(resolve, 60_000)); export const handler = 1;', {
      timeoutSeconds: 0.3,
    });
    const pool = fixture.pool([fn], { limits: { initMs: 200 } });

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'function-error', errorType: 'Sandbox.Timedout' });
  });

  it('that cannot be started is the service’s error, not the function’s', async () => {
    const fn = fixture.fn('export const handler = async () => 1;');
    rmSync(fn.codeDirectory, { recursive: true });
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'service-error', errorMessage: expect.stringContaining('ENOENT') });
    expect(pool.environments()).toEqual([]);
  });
});
