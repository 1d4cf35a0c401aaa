import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { POST_CONCURRENCY, type PostOutcome } from '../../../../../shared/post/post.ts';
import { createBroadcastFixture, NOW_MS } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, numberOf } from '../../../../helpers/change-records.ts';
import { DUE_FRAMES, POSTS_PER_ROUND } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import { OUTAGE_POSTS, SILENT_CONNECTIONS } from '../../../../../shared/fanout/deliver/lateness.ts';
import { DELIVERY_MS } from '../../../../../shared/fanout/deliver/post-all.ts';

const BATCH = [changeRecord(0, { topic: 'news', seq: 1 }), changeRecord(1, { topic: 'news', seq: 2 })];
/** The number of retries of a batch, as in infra/stream-pipeline.ts. */
const RETRIES = 8;
const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);

/** Creates a broadcast to a number of connections, whose posts get one outcome. */
function createCrowd(count: number, answer: (connectionId: string) => PostOutcome) {
  const posts: string[] = [];
  const world = createBroadcastFixture({
    subscribers: { news: idsOf(count) },
    overrides: {
      post: async (connectionId) => {
        posts.push(connectionId);
        return answer(connectionId);
      },
    },
  });
  return { world, posts };
}

describe('broadcast, when posts are not answered', () => {
  it.each(['unanswered', 'failed'] as const)(
    'stops posting after so many in a row that were %s, and fails from the first change on',
    async (outcome) => {
      const { world, posts } = createCrowd(2_000, () => outcome);

      const failedFrom = await broadcast(world, BATCH);

      expect(failedFrom).toBe(numberOf(0));
      expect(new Set(posts).size).toBeGreaterThanOrEqual(OUTAGE_POSTS);
      expect(new Set(posts).size).toBeLessThan(OUTAGE_POSTS + POST_CONCURRENCY);
      expect(world.events).toContainEqual({ event: 'callback-down', connections: 2_000 });
    },
  );

  it('fails it also when some were delivered before the endpoint went down', async () => {
    const { world } = createCrowd(2_000, (id) => (Number(id.slice(1)) < 100 ? 'delivered' : 'unanswered'));

    expect(await broadcast(world, BATCH)).toBe(numberOf(0));
  });

  it('reaches everyone else when so many stay silent: at the latest with the next tries', async () => {
    const [silent, all] = [500, 600];
    const reached = new Set<string>();
    const { world } = createCrowd(all, (id) => {
      if (Number(id.slice(1)) < silent) return 'unanswered';
      reached.add(id);
      return 'delivered';
    });

    let failures = 0;
    while (failures < RETRIES && (await broadcast(world, BATCH)) !== undefined) failures += 1;

    expect(reached.size).toBe(all - silent);
    expect(failures).toBeLessThan(RETRIES);
  });

  it('takes a single answer in between for proof that the endpoint is there', async () => {
    const { world, posts } = createCrowd(1_000, (id) => (Number(id.slice(1)) % 100 === 0 ? 'delivered' : 'unanswered'));

    expect(await broadcast(world, BATCH)).toBeUndefined();
    expect(new Set(posts).size).toBe(1_000);
  });

  it.each([
    [SILENT_CONNECTIONS, undefined],
    [SILENT_CONNECTIONS + 1, numberOf(0)],
  ])('of only %i silent subscribers fails from %s on', async (count, failedFrom) => {
    const { world } = createCrowd(count, () => 'unanswered');

    expect(await broadcast(world, BATCH)).toBe(failedFrom);
  });

  it("fails for a sole subscriber when the endpoint's own error is the answer", async () => {
    const { world } = createCrowd(1, () => 'failed');

    expect(await broadcast(world, BATCH)).toBe(numberOf(0));
  });

  it('fails when there was no time for some', async () => {
    let nowMs = NOW_MS;
    const { world } = createCrowd(300, () => {
      nowMs += 1_000;
      return 'delivered';
    });

    const failedFrom = await broadcast({ ...world, now: () => nowMs }, BATCH);

    expect(failedFrom).toBe(numberOf(0));
  });
});

describe('broadcast, of more posts than are made at once', () => {
  const LARGE = POSTS_PER_ROUND - 1;
  const subscribers = { large: idsOf(LARGE), small: ['x'], more: ['y'], huge: idsOf(POSTS_PER_ROUND + 1) };

  it('delivers those that fit, and then the others', async () => {
    const world = createBroadcastFixture({ subscribers });
    const records = ['large', 'small', 'more'].map((topic, place) => changeRecord(place, { topic, seq: 1 }));

    const failedFrom = await broadcast(world, records);

    expect(failedFrom).toBeUndefined();
    expect(world.delivered.size).toBe(LARGE + 2);
    expect(world.steps.at(-1)).toBe('post y more 1');
  });

  it('delivers those that fit, and fails from the next on when the time is up', async () => {
    let nowMs = NOW_MS;
    const world = createBroadcastFixture({ subscribers });
    const post: typeof world.post = (connectionId, frame, patience) => {
      if (connectionId === 'x') nowMs += DELIVERY_MS;
      return world.post(connectionId, frame, patience);
    };
    const records = ['large', 'small', 'more'].map((topic, place) => changeRecord(place, { topic, seq: 1 }));

    const failedFrom = await broadcast({ ...world, post, now: () => nowMs }, records);

    expect(failedFrom).toBe(numberOf(2));
    expect(world.delivered.size).toBe(LARGE + 1);
  });

  it('delivers a change that is over the bound alone, since it would never fit', async () => {
    const world = createBroadcastFixture({ subscribers });
    const records = ['huge', 'small'].map((topic, place) => changeRecord(place, { topic, seq: 1 }));

    const failedFrom = await broadcast(world, records);

    expect(failedFrom).toBeUndefined();
    expect(world.steps.filter((step) => step.startsWith('post')).at(-1)).toBe('post x small 1');
  });

  it.each([
    ['however many there are', 2_000, 1],
    ['as far as they are prepared at once', DUE_FRAMES / 100 + 1, 2],
  ])('posts few to those that take several in one, %s', async (_, count, posts) => {
    const topic = idsOf(count).map((connectionId) => ({ connectionId, batch: true }));
    const world = createBroadcastFixture({ subscribers: { topic } });
    const posted = new Map<string, number>();
    const post: typeof world.post = async (connectionId) => {
      posted.set(connectionId, (posted.get(connectionId) ?? 0) + 1);
      return 'delivered';
    };
    const records = Array.from({ length: 100 }, (_, place) => changeRecord(place, { topic: 'topic', seq: place + 1 }));

    expect(await broadcast({ ...world, post }, records)).toBeUndefined();

    expect(posted.size).toBe(count);
    expect(new Set(posted.values())).toEqual(new Set([posts]));
  });
});
