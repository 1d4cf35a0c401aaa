import type { PostOutcome } from '../../../../../shared/post/post.ts';
import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };
const young = { connectionId: 'C1=', connectedAt: NOW_MS - 10 };
const always = <T>(outcome: T): T[] => Array.from({ length: 999 }, () => outcome);
const ping = (positions: Record<string, { epoch: string | null; seq: number }>) => ({
  ...connection,
  kind: 'ping' as const,
  positions,
});

describe('catchUp, of a ping', () => {
  it('sends nothing to who is where the topic is', async () => {
    const world = createCatchUpWorld({ topics: ['news', 'quiet'] });

    const outcome = await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 3 }, quiet: { epoch: null, seq: 0 } }));

    expect(outcome).toBe('delivered');
    expect(world.frames).toEqual([]);
  });

  it('sends what is missing in each topic that is behind, and only of those', async () => {
    const heads = { news: headOf('news', 3), other: headOf('other', 5), third: headOf('third', 1) };
    const world = createCatchUpWorld({ heads, topics: Object.keys(heads) });

    await catchUp(
      world.deps,
      ping({ news: { epoch: 'e1', seq: 2 }, other: { epoch: 'e1', seq: 5 }, third: { epoch: 'old', seq: 1 } }),
    );

    expect(world.frames).toMatchObject([
      { topic: 'news', seq: 3, recovered: true, messages: [{ seq: 3 }] },
      { topic: 'third', seq: 1, recovered: false, messages: [] },
    ]);
  });

  it('tells of a topic that the connection is not subscribed to only that, and goes on with the others', async () => {
    const world = createCatchUpWorld({ topics: ['news'] });
    const behind = { epoch: 'e1', seq: 2 };

    await catchUp(world.deps, ping({ lost: behind, news: behind }));

    expect(world.frames).toMatchObject([
      { type: 'error', code: 'not-subscribed', action: 'ping' },
      { type: 'subscribed', topic: 'news', seq: 3 },
    ]);
    expect(world.steps).not.toContain('head lost');
  });

  it('is over for one that is not subscribed and does not take that', async () => {
    const world = createCatchUpWorld({ topics: [], answers: always('throttled' as const) });

    expect(await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 0 } }))).toBe('owed');
    expect(world.frames).toEqual([]);
  });

  it('owes what it is behind in to one that does not take that it is not subscribed to another topic', async () => {
    const world = createCatchUpWorld({ topics: ['news'], answers: always('throttled' as const) });
    const behind = { epoch: 'e1', seq: 2 };

    expect(await catchUp(world.deps, ping({ lost: behind, news: behind }))).toBe('owed');
    expect(world.steps.filter((step) => step.startsWith('owe'))).toEqual(['owe C1= news after 2']);
  });

  it('is over for one that is gone, without waiting: who pings has been there', async () => {
    const [grown, fresh] = [createCatchUpWorld({ answers: ['gone'] }), createCatchUpWorld({ answers: ['gone'] })];
    const behind = ping({ news: { epoch: 'e1', seq: 2 } });

    const outcomes = [await catchUp(grown.deps, behind), await catchUp(fresh.deps, { ...behind, ...young })];

    expect(outcomes).toEqual(['gone', 'gone']);
    expect([grown.steps.at(-1), fresh.steps.at(-1)]).toEqual(['remove C1=', 'post C1= gone']);
    expect(fresh.waiting.sleptMs).toEqual([]);
  });

  it.each(['throttled', 'unanswered'] as const)(
    'owes all topics that are left once a post stays %s',
    async (outcome) => {
      const heads = { news: headOf('news', 3), other: headOf('other', 3), here: headOf('here', 2) };
      const answers: PostOutcome[] = ['delivered', ...always(outcome)];
      const world = createCatchUpWorld({ heads, topics: Object.keys(heads), answers });
      const behind = { epoch: 'e1', seq: 2 };

      expect(await catchUp(world.deps, ping({ news: behind, here: behind, other: behind }))).toBe('owed');
      expect(world.frames).toMatchObject([{ topic: 'news', seq: 3 }]);
      expect(world.steps.filter((step) => step.startsWith('owe'))).toEqual(['owe C1= other after 2']);
    },
  );

  it('stops at the first topic of which a post fails', async () => {
    const heads = { news: headOf('news', 3), other: headOf('other', 3) };
    const world = createCatchUpWorld({ heads, topics: Object.keys(heads), answers: always('failed') });
    const behind = { epoch: 'e1', seq: 2 };

    expect(await catchUp(world.deps, ping({ news: behind, other: behind }))).toBe('failed');
    expect(world.frames).toEqual([]);
  });

  it('tells that a topic is gone', async () => {
    const world = createCatchUpWorld({ heads: {} });

    await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 3 } }));

    expect(world.frames).toMatchObject([{ topic: 'news', epoch: null, seq: 0, recovered: false }]);
  });
});
