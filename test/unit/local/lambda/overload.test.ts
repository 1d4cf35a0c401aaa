import { lambdaLimits } from '../../../../local/lambda/lambda-limits.ts';
import { GATED_HANDLER, LambdaFixture } from './lambda-fixture.ts';

/** Returns the names of the events in the order in which the function began with them. */
const begunIn = (lines: readonly { readonly line: string }[]): (string | undefined)[] =>
  lines.map(({ line }) => line.split(' ').at(-1));

describe('An overload', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('of one source does not delay the others: waiting invocations begin in turn by their sources', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1 } });
    const invoke = (name: string, source: string) => pool.invoke(fn.arn, { name, gate: gate.file }, { source });
    const flood = ['f1', 'f2', 'f3', 'f4'].map((name) => invoke(name, 'flooder'));
    const quiet = [invoke('q1', 'quiet'), invoke('r1', 'other'), invoke('q2', 'quiet')];
    await pool.waitForLines('started f1', 1);

    gate.open();
    await Promise.all([...flood, ...quiet]);

    expect(begunIn(pool.lines)).toEqual(['f1', 'f2', 'q1', 'r1', 'f3', 'q2', 'f4']);
  });

  it('fills the queue of its function alone, and then the source with the most waiting invocations is throttled', async () => {
    const gate = fixture.gate();
    const [full, free] = [fixture.fn(GATED_HANDLER), fixture.fn(GATED_HANDLER)];
    const pool = fixture.pool([full, free], { limits: { concurrencyPerFunction: 1, queueLength: 3 } });
    const invoke = (name: string, source: string) => pool.invoke(full.arn, { name, gate: gate.file }, { source });
    const flood = ['f1', 'f2', 'f3', 'f4', 'f5'].map((name) => invoke(name, 'flooder'));
    const quiet = invoke('q1', 'quiet');
    const elsewhere = ['e1', 'e2'].map((name) => pool.invoke(free.arn, { name, gate: gate.file }));
    await pool.waitForLines('started', 2);

    const refused = [await flood[4], await flood[3]];
    gate.open();
    const others = await Promise.all([...flood.slice(0, 3), quiet, ...elsewhere]);

    expect(refused).toMatchObject([{ isThrottled: true }, { isThrottled: true }]);
    expect(others.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'success'));
  });

  it('leaves no old backlog: what waited for long behind its own source is throttled, a single one is not', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1, backlogMs: 0, backlogPerSource: 1 } });
    const invoke = (name: string, source: string) => pool.invoke(fn.arn, { name, gate: gate.file }, { source });
    const running = invoke('f1', 'flooder');
    const single = invoke('q1', 'quiet');
    const old = invoke('f2', 'flooder');
    const newest = invoke('f3', 'flooder');
    await pool.waitForLines('started f1', 1);

    gate.open();
    const results = await Promise.all([running, single, old, newest]);

    expect(results.map((result) => 'isThrottled' in result && result.isThrottled)).toEqual([false, false, true, false]);
  });

  it('begins nothing that nobody waits for any more', async () => {
    const gate = fixture.gate();
    const fn = fixture.fn(GATED_HANDLER);
    const pool = fixture.pool([fn], { limits: { concurrencyPerFunction: 1 } });
    const abandoned = new AbortController();
    const first = pool.invoke(fn.arn, { name: 'first', gate: gate.file });
    const given = pool.invoke(fn.arn, { name: 'given-up', gate: gate.file }, { signal: abandoned.signal });
    const last = pool.invoke(fn.arn, { name: 'last', gate: gate.file });
    await pool.waitForLines('started first', 1);

    abandoned.abort();
    const result = await given;
    const late = await pool.invoke(fn.arn, { name: 'late' }, { signal: abandoned.signal });
    gate.open();
    await Promise.all([first, last]);

    expect([result, late]).toMatchObject([{ outcome: 'service-error' }, { outcome: 'service-error' }]);
    expect(begunIn(pool.lines)).toEqual(['first', 'last']);
  });

  it.each([
    [1, { concurrencyPerFunction: 5, concurrencyTotal: 50, promptPerFunction: 2 }],
    [2, { concurrencyPerFunction: 10, concurrencyTotal: 60, promptPerFunction: 4 }],
    [64, { concurrencyPerFunction: 10, concurrencyTotal: 60, promptPerFunction: 4 }],
  ])(
    'meets as many environments as %p processor cores can run, unless the options say otherwise',
    (cores, expected) => {
      expect(lambdaLimits({}, cores)).toMatchObject(expected);
      expect(lambdaLimits({ concurrencyTotal: 3 }, cores)).toMatchObject({ ...expected, concurrencyTotal: 3 });
    },
  );
});
