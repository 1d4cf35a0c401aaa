import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parentDeathPrefix } from '../../../../local/child-process.ts';
import { GATED_HANDLER, LambdaFixture, processState } from './lambda-fixture.ts';
import { eventually } from '../../../helpers/eventually.ts';

/** A test for Linux only: no other system shows a process's state and kills stopped children with their parent. */
const itOnLinux = process.platform === 'linux' ? it : it.skip;
const itWithDeathSignal = parentDeathPrefix().length > 0 ? it : it.skip;

describe('Between invocations', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  itOnLinux('an environment stands still', async () => {
    const fn = fixture.fn('export const handler = async () => process.pid;');
    const pool = fixture.pool([fn]);

    const first = Object(await pool.invoke(fn.arn, {})).payload;
    await eventually(() => expect(processState(first)).toBe('T'));
    const second = Object(await pool.invoke(fn.arn, {})).payload;

    expect(second).toBe(first);
    expect(pool.environments()).toEqual([{ functionName: fn.name, pid: first, busy: false }]);
  });

  itOnLinux('an environment that is busy stands still a moment later', async () => {
    const fn = fixture.fn('export const handler = async () => process.pid;');
    let nowMs = 1_000_000;
    const pool = fixture.pool([fn], { now: () => nowMs });
    const { payload: pid } = Object(await pool.invoke(fn.arn, {}));
    await eventually(() => expect(processState(pid)).toBe('T'));

    await pool.invoke(fn.arn, {});
    const atOnce = processState(pid);
    await eventually(() => expect(processState(pid)).toBe('T'));
    nowMs += 1_000;
    await pool.invoke(fn.arn, {});

    expect(atOnce).not.toBe('T');
    await eventually(() => expect(processState(pid)).toBe('T'));
  });

  it('work that nobody awaits continues with the next invocation only', async () => {
    const fn = fixture.fn(`
      let late;
      export const handler = async (event) => {
        if (event.wait) return await late;
        late = new Promise((resolve) => setTimeout(() => { console.log('late work'); resolve('done'); }, 100));
      };`);
    const other = fixture.fn('export const handler = () => new Promise((resolve) => setTimeout(resolve, 300));');
    const pool = fixture.pool([fn, other]);

    await pool.invoke(fn.arn, {});
    await pool.invoke(other.arn, {});
    const linesWhileFrozen = pool.lines.length;
    const next = await pool.invoke(fn.arn, { wait: true });

    expect(linesWhileFrozen).toBe(0);
    expect(next).toMatchObject({ payload: 'done' });
    expect(pool.lines).toMatchObject([{ requestId: next.requestId, line: expect.stringContaining('late work') }]);
  });

  it('an environment that stays idle ends', async () => {
    const fn = fixture.fn('export const handler = async () => process.pid;');
    const pool = fixture.pool([fn], { limits: { idleSeconds: 0.05 } });

    const { payload: pid } = Object(await pool.invoke(fn.arn, {}));
    await eventually(() => pool.environments().length === 0 && processState(pid) === undefined);
    const next = await pool.invoke(fn.arn, {});

    expect(Object(next).payload).not.toBe(pid);
  });

  it('closing the pool leaves no process, frozen, busy or deaf to SIGTERM', async () => {
    const idle = fixture.fn('export const handler = async () => process.pid;');
    const busy = fixture.fn(GATED_HANDLER);
    const deaf = fixture.fn(`process.on('SIGTERM', () => {}); ${GATED_HANDLER}`);
    const pool = fixture.pool([idle, busy, deaf]);
    await pool.invoke(idle.arn, {});
    const pending = [busy, deaf].map((fn) => pool.invoke(fn.arn, { name: 'one', gate: '/never' }));
    await pool.waitForLines('started one', 2);
    const pids = pool.environments().map(({ pid }) => pid);

    await pool.close();
    const statesAfterClose = pids.map(processState);
    const results = await Promise.all(pending);
    const afterwards = await pool.invoke(idle.arn, {});

    expect(pids).toHaveLength(3);
    expect(statesAfterClose).toEqual([undefined, undefined, undefined]);
    expect(results).toMatchObject([{ outcome: 'service-error' }, { outcome: 'service-error' }]);
    expect(afterwards).toMatchObject({ outcome: 'service-error' });
    expect(pool.environments()).toEqual([]);
  });

  itWithDeathSignal('a killed runtime takes its frozen and its busy environments along', async () => {
    const idle = fixture.fn('export const handler = async () => process.pid;');
    const busy = fixture.fn('export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));', {
      timeoutSeconds: 60,
    });
    const script = path.join(fixture.directory, 'runtime.ts');
    const poolModule = new URL('../../../../local/lambda/lambda-pool.ts', import.meta.url).href;
    writeFileSync(
      script,
      `import { createLambdaPool } from ${JSON.stringify(poolModule)};
       const [idle, busy] = ${JSON.stringify([idle, busy])};
       const terminal = { info() {}, warn() {}, lambdaLog() {} };
       const pool = createLambdaPool({ functions: [idle, busy], region: 'r', accountId: '1', extraEnvironment: {} }, { terminal });
       await pool.invoke(idle.arn, {});
       void pool.invoke(busy.arn, {});
       const timer = setInterval(() => {
         const pids = pool.environments().map(({ pid }) => pid);
         if (pids.length === 2) { process.send(pids); clearInterval(timer); }
       }, 5);`,
    );
    const runtime = fork(script, { execArgv: [], stdio: 'ignore' });
    const [pids] = await once(runtime, 'message');

    runtime.kill('SIGKILL');
    await eventually(() => pids.every((pid: number) => processState(pid) === undefined));

    expect(pids).toHaveLength(2);
  });
});
