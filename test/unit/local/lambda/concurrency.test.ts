import { GATED_HANDLER, LambdaFixture } from './lambda-fixture.ts';

describe('Concurrent invocations', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('run in an environment each', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn]);
    const pending = ['a', 'b', 'c'].map((name) => pool.invoke(fn.arn, { name, gate: gate.file }));
    await pool.waitForLines('started', 3);
    const whileBusy = pool.environments();

    gate.open();
    const results = await Promise.all(pending);

    expect(whileBusy.map(({ busy }) => busy)).toEqual([true, true, true]);
    expect(new Set(results.map((result) => Object(result).payload.pid)).size).toBe(3);
  });

  it('of a function at its bound wait, first come first served', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1 } });
    const names = ['a', 'b', 'c', 'd'];
    const pending = names.map((name) => pool.invoke(fn.arn, { name, gate: gate.file }));
    await pool.waitForLines('started a', 1);
    const environmentsWhileBusy = pool.environments().length;

    gate.open();
    await Promise.all(pending);

    expect(environmentsWhileBusy).toBe(1);
    expect(pool.lines.map(({ line }) => line.split('\t').at(-1))).toEqual(names.map((name) => `started ${name}`));
  });

  it('wait for a warm environment rather than start another one, while such become free', async () => {
    const fn = fixture.fn('export const handler = async () => process.pid;');
    const pool = fixture.pool([fn], { limits: { promptPerFunction: 2, standstillMs: 60_000 } });

    const results = await Promise.all(Array.from({ length: 40 }, () => pool.invoke(fn.arn, {})));

    expect(results.filter(({ outcome }) => outcome === 'success')).toHaveLength(40);
    expect(pool.environments()).toHaveLength(2);
  });

  it('run in further environments when those that there are stand still', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { promptPerFunction: 1, concurrencyPerFunction: 3 } });
    const names = ['a', 'b', 'c', 'd'];
    const pending = names.map((name) => pool.invoke(fn.arn, { name, gate: gate.file }));
    await pool.waitForLines('started', 3);
    const whileBusy = pool.environments();

    gate.open();
    await Promise.all(pending);

    expect(whileBusy.map(({ busy }) => busy)).toEqual([true, true, true]);
  });

  it('wait no longer than a while behind those that stand still, though one environment goes on', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER.replace('while', 'await delay(event.delayMs ?? 0);\n while'));
    const limits = { promptPerFunction: 2, standstillMs: 60_000, longestWaitMs: 100 };
    const pool = fixture.pool([fn], { limits });
    const stuck = pool.invoke(fn.arn, { name: 'stuck', gate: gate.file });
    const free = fixture.gate();
    free.open();
    const cycle = { name: 'cycling', gate: free.file, delayMs: 10 };

    await Promise.all(Array.from({ length: 100 }, () => pool.invoke(fn.arn, cycle)));
    const environments = pool.environments();
    gate.open();
    await stuck;

    expect(environments.length).toBeGreaterThan(2);
  });

  it('of other functions do not wait behind those of a function at its bound', async () => {
    const gate = fixture.gate();
    const full = fixture.fn(GATED_HANDLER);
    const other = fixture.fn('export const handler = async () => "ran";');
    const pool = fixture.pool([full, other], { limits: { concurrencyPerFunction: 1 } });
    const pending = ['a', 'b'].map((name) => pool.invoke(full.arn, { name, gate: gate.file }));

    const result = await pool.invoke(other.arn, {});
    gate.open();
    await Promise.all(pending);

    expect(result).toMatchObject({ outcome: 'success', payload: 'ran' });
  });

  it('take the place of another function’s idle environment when the total is reached', async () => {
    const code = 'export const handler = async () => process.pid;';
    const [first, second, third] = [fixture.fn(code), fixture.fn(code), fixture.fn(code)];
    const pool = fixture.pool([first, second, third], { limits: { concurrencyTotal: 2 } });

    for (const fn of [first, second, third]) await pool.invoke(fn.arn, {});

    expect(pool.environments().map(({ functionName }) => functionName)).toEqual([second.name, third.name]);
  });

  it('wait for a busy environment of another function when the total is reached', async () => {
    const gate = fixture.gate();
    const busy = fixture.fn(GATED_HANDLER);
    const other = fixture.fn('export const handler = async () => "ran";');
    const pool = fixture.pool([busy, other], { limits: { concurrencyTotal: 1 } });
    const pendingBusy = pool.invoke(busy.arn, { name: 'a', gate: gate.file });
    const pendingOther = pool.invoke(other.arn, {});
    await pool.waitForLines('started a', 1);
    const namesWhileBusy = pool.environments().map(({ functionName }) => functionName);

    gate.open();
    const results = await Promise.all([pendingBusy, pendingOther]);

    expect(namesWhileBusy).toEqual([busy.name]);
    expect(results).toMatchObject([{ outcome: 'success' }, { outcome: 'success', payload: 'ran' }]);
  });

  it('past the queue’s bound are throttled by the service, the rest run', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1, queueLength: 1 } });
    const pending = ['a', 'b', 'c'].map((name) => pool.invoke(fn.arn, { name, gate: gate.file }));

    const throttled = await pending[2];
    gate.open();
    const results = await Promise.all(pending);

    expect(throttled).toMatchObject({ outcome: 'service-error', errorMessage: expect.stringContaining('throttled') });
    expect(results.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'service-error']);
  });

  it('that wait are answered when the pool closes', async () => {
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1 } });
    const pending = ['a', 'b'].map((name) => pool.invoke(fn.arn, { name, gate: '/never' }));
    await pool.waitForLines('started a', 1);

    await pool.close();
    const results = await Promise.all(pending);

    expect(results.map(({ outcome }) => outcome)).toEqual(['service-error', 'service-error']);
  });
});
