import { createSubscriberCounts } from '../../../cli/stats/subscriber-counts.ts';

const BUDGET = 10;

/** Counts topics of these sizes within a budget, and records what was counted. */
function createScene(sizes: Readonly<Record<string, number>>) {
  const asked: string[] = [];
  let counted = 0;
  const counts = createSubscriberCounts(async ({ topic }, most) => {
    asked.push(topic);
    const found = Math.min(most, sizes[topic] ?? 0);
    counted += found;
    return found;
  }, BUDGET);
  const topics = Object.keys(sizes).map((topic) => ({ topic, head: undefined, shards: 1 }));
  return {
    refresh: async () => {
      [asked.length, counted] = [0, 0];
      const found = await counts(topics);
      return { asked: [...asked], counted, found: Object.fromEntries(found) };
    },
    topics,
    counts,
  };
}

const exactly = (subscribers: number) => ({ subscribers, hasMore: false });

describe('the counts of subscribers', () => {
  it('are complete within the budget', async () => {
    const { refresh } = createScene({ a: 3, b: 0, c: 7 });

    expect((await refresh()).found).toEqual({ a: exactly(3), b: exactly(0), c: exactly(7) });
  });

  it('stop at the budget, and continue with the topics whose turn has not come', async () => {
    const { refresh } = createScene({ a: 6, b: 6, c: 6 });

    const [first, second, third] = [await refresh(), await refresh(), await refresh()];

    expect([first.found, second.found]).toEqual([{ a: exactly(6) }, { a: exactly(6), b: exactly(6) }]);
    expect(third.found).toEqual({ a: exactly(6), b: exactly(6), c: exactly(6) });
    expect(third.asked[0]).toBe('c');
    // The last topic of a refresh is read for one subscriber more than is left.
    for (const { counted } of [first, second, third]) expect(counted).toBeLessThanOrEqual(BUDGET + 1);
  });

  it('of a topic beyond the whole budget are the budget, and more', async () => {
    const { refresh } = createScene({ a: 1, huge: 1_000 });

    await refresh();

    expect((await refresh()).found).toEqual({ a: exactly(1), huge: { subscribers: BUDGET, hasMore: true } });
  });

  it('forget topics that are not shown any more', async () => {
    const { topics, counts } = createScene({ a: 1, b: 2 });

    await counts(topics);

    expect(Object.fromEntries(await counts(topics.slice(1)))).toEqual({ b: exactly(2) });
  });
});
