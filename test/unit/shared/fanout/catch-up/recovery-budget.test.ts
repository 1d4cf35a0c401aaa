import { recoveryFrames } from '../../../../../shared/fanout/catch-up/send-recovery.ts';
import {
  BUDGETED_CONNECTIONS,
  createRecoveryBudget,
  RECOVERY_BUDGET_BYTES,
  RECOVERY_BYTES_PER_SECOND,
} from '../../../../../shared/fanout/catch-up/recovery-budget.ts';
import { createCatchUpWorld, headOf } from '../../../../helpers/catch-up-world.ts';

describe('the budget of recoveries', () => {
  it('is one of each connection, and fills again with time', () => {
    let nowMs = 0;
    const budget = createRecoveryBudget(() => nowMs);
    budget.spend('C1=', RECOVERY_BUDGET_BYTES + RECOVERY_BYTES_PER_SECOND);

    const spent = [budget.hasRoom('C1='), budget.hasRoom('C2=')];
    nowMs = 1_000;
    const full = budget.hasRoom('C1=');
    nowMs = 1_001;

    expect([...spent, full, budget.hasRoom('C1=')]).toEqual([false, true, false, true]);
  });

  it('is not refilled by a clock that was set back', () => {
    let nowMs = 60_000;
    const budget = createRecoveryBudget(() => nowMs);
    budget.spend('C1=', RECOVERY_BUDGET_BYTES);
    nowMs = 0;

    expect(budget.hasRoom('C1=')).toBe(false);
  });

  it('forgets the connections that used it longest ago', () => {
    const budget = createRecoveryBudget(() => 0);
    for (let i = 0; i <= BUDGETED_CONNECTIONS; i += 1) budget.spend(`C${i}=`, RECOVERY_BUDGET_BYTES);

    expect([budget.hasRoom('C0='), budget.hasRoom('C1=')]).toEqual([true, false]);
  });

  it('lets a connection that used it up know that messages are lost, and reads none for it', async () => {
    const { deps } = createCatchUpWorld();
    const listMessages = (): Promise<never> => Promise.reject(new Error('read'));
    deps.budget.spend('C1=', RECOVERY_BUDGET_BYTES);
    const target = { topic: 'news', connectionId: 'C1=', head: headOf('news', 3) };

    const frames = await recoveryFrames({ ...deps, listMessages }, target, { position: { epoch: 'e1', seq: 1 } });

    expect(frames.map((frame) => JSON.parse(frame))).toMatchObject([{ seq: 3, recovered: false, messages: [] }]);
  });

  it('does not keep a connection from a plain subscribe', async () => {
    const { deps } = createCatchUpWorld();
    deps.budget.spend('C1=', RECOVERY_BUDGET_BYTES);

    const frames = await recoveryFrames(deps, { topic: 'news', connectionId: 'C1=', head: headOf('news', 3) }, {});

    expect(frames.map((frame) => JSON.parse(frame))).toMatchObject([{ seq: 3, recovered: true }]);
  });
});
