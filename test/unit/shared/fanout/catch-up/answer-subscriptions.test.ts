import { catchUpTogether } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { TOGETHER_FRAMES } from '../../../../../shared/fanout/catch-up/answer-subscriptions.ts';
import { RECOVERY_BUDGET_BYTES } from '../../../../../shared/fanout/catch-up/recovery-budget.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000, kind: 'subscription' } as const;
const from = (seq: number) => ({ epoch: 'e1', seq });
const heads = { news: headOf('news', 3), chat: headOf('chat', 5) };

describe('subscriptions of one connection that are answered together', () => {
  it('take one post where the connection takes batches, after the index and the heads', async () => {
    const { deps, steps, frames } = createCatchUpWorld({ heads });

    const outcome = await catchUpTogether(deps, [
      { ...connection, topic: 'news', batch: true, position: from(2) },
      { ...connection, topic: 'chat', batch: true },
    ]);

    expect(outcome).toBe('delivered');
    const order = ['index news C1=', 'index chat C1=', 'head news', 'head chat', 'post C1= delivered'];
    expect(steps).toEqual(order);
    expect(frames).toMatchObject([
      {
        type: 'batch',
        frames: [
          { topic: 'news', seq: 3, messages: [{ seq: 3 }] },
          { topic: 'chat', seq: 5, messages: [] },
        ],
      },
    ]);
  });

  it('are all owed when the connection takes nothing at present', async () => {
    const { deps, steps } = createCatchUpWorld({ heads, answers: ['throttled'] });

    const outcome = await catchUpTogether(deps, [
      { ...connection, topic: 'news', position: from(2) },
      { ...connection, topic: 'chat' },
    ]);

    expect(outcome).toBe('owed');
    expect(steps.slice(-2)).toEqual(['owe C1= news after 2', 'owe C1= chat after -']);
  });

  it('are posted beside each other when they are long: the lane waits for the longest alone', async () => {
    const { deps } = createCatchUpWorld({ heads: { news: headOf('news', 600), chat: headOf('chat', 600) } });
    const open = new Set<string>();
    let most = 0;
    const post = async (_: string, frame: string) => {
      const { topic }: { topic: string } = JSON.parse(frame);
      open.add(topic);
      most = Math.max(most, open.size);
      await Promise.resolve();
      open.delete(topic);
      return 'delivered' as const;
    };
    const message = (topic: string, seq: number) => ({ topic, epoch: 'e1', seq, publishedAt: NOW_MS, message: LONG });
    const listMessages: typeof deps.listMessages = async ({ topic, fromSeq, toSeq }) =>
      Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => message(topic, fromSeq + index));

    const outcome = await catchUpTogether({ ...deps, post, listMessages }, [
      { ...connection, topic: 'news', position: from(0) },
      { ...connection, topic: 'chat', position: from(0) },
    ]);

    expect([outcome, most]).toEqual(['delivered', 2]);
  });

  it('bring the value of a topic that keeps no other, also past the budget of recoveries', async () => {
    const { deps, frames } = createCatchUpWorld({ heads });
    deps.budget.spend('C1=', RECOVERY_BUDGET_BYTES + 1);
    const settingsOf = (topic: string) => (topic === 'news' ? { lastValueOnly: true } : {});

    await catchUpTogether({ ...deps, settingsOf }, [
      { ...connection, topic: 'news', position: from(1) },
      { ...connection, topic: 'chat', position: from(1) },
    ]);

    expect(frames).toMatchObject([
      { topic: 'news', recovered: true, lastValueOnly: true, messages: [{ seq: 3 }] },
      { topic: 'chat', recovered: false, messages: [] },
    ]);
  });
});

/** A message of which a frame holds few, so that 1,200 of them are more than `TOGETHER_FRAMES` frames. */
const LONG = JSON.stringify('x'.repeat(Math.ceil((TOGETHER_FRAMES * 32_768) / 600)));
