import { FANOUT_BOUNDS } from '../../../../shared/fanout/bounds.ts';
import { catchUp, type CatchUpDeps } from '../../../../shared/fanout/catch-up.ts';
import type { PostOutcome } from '../../../../shared/fanout/post.ts';
import type { Head } from '../../../../shared/store/head.ts';
import { PUBLISHED_AT } from '../../../helpers/change-records.ts';
import { createFakeWaiting } from '../../../helpers/fake-waiting.ts';

const NOW_MS = PUBLISHED_AT + 1_000;
const message = (topic: string, seq: number) => ({
  topic,
  epoch: 'e1',
  seq,
  message: `${seq}`,
  publishedAt: PUBLISHED_AT,
});
const headOf = (topic: string, seq: number): Head => ({ kind: 'message', ...message(topic, seq) });

interface World {
  readonly heads?: Readonly<Record<string, Head>>;
  readonly topics?: readonly string[];
  readonly answers?: PostOutcome[];
  /** How often the index does not show the subscription yet. */
  readonly unindexed?: number;
}

function createWorld({
  heads = { news: headOf('news', 3) },
  topics = ['news'],
  answers = [],
  unindexed = 0,
}: World = {}) {
  const steps: string[] = [];
  const frames: unknown[] = [];
  const waiting = createFakeWaiting();
  let looks = 0;
  const deps: CatchUpDeps = {
    post: async (connectionId, frame) => {
      const outcome = answers.shift() ?? 'delivered';
      steps.push(`post ${connectionId} ${outcome}`);
      if (outcome === 'delivered') frames.push(JSON.parse(frame));
      return outcome;
    },
    findHead: async (topic) => {
      steps.push(`head ${topic}`);
      return heads[topic];
    },
    listMessages: async ({ topic, fromSeq, toSeq }) =>
      Array.from({ length: toSeq - fromSeq + 1 }, (_, i) => message(topic, fromSeq + i)),
    isIndexed: async (topic, connectionId) => {
      looks += 1;
      steps.push(`index ${topic} ${connectionId}`);
      return looks > unindexed;
    },
    getTopics: async () => new Set(topics),
    removeConnection: async (connectionId) => void steps.push(`remove ${connectionId}`),
    waiting,
    now: () => NOW_MS,
  };
  return { deps, steps, frames, waiting };
}

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };
const young = { connectionId: 'C1=', connectedAt: NOW_MS - 10 };
const subscription = { kind: 'subscription', topic: 'news' } as const;
const ping = (positions: Record<string, { epoch: string | null; seq: number }>) => ({
  ...connection,
  kind: 'ping' as const,
  positions,
});

describe('catchUp, of a subscription', () => {
  it('looks into the index before it reads the head, then sends where the topic stands', async () => {
    const world = createWorld();

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.steps).toEqual(['index news C1=', 'head news', 'post C1= delivered']);
    expect(world.frames).toEqual([
      { type: 'subscribed', topic: 'news', epoch: 'e1', seq: 3, recovered: true, messages: [] },
    ]);
  });

  it('waits until the index shows the subscription', async () => {
    const world = createWorld({ unindexed: 3 });

    await catchUp(world.deps, { ...connection, ...subscription });

    expect(world.steps.slice(-3)).toEqual(['index news C1=', 'head news', 'post C1= delivered']);
    expect(world.waiting.sleptMs).toEqual(Array.from({ length: 3 }, () => FANOUT_BOUNDS.INDEX_PAUSE_MS));
  });

  it('goes on past the bound when the index never shows it', async () => {
    const world = createWorld({ unindexed: Infinity });

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.waiting.sleptMs).toHaveLength(FANOUT_BOUNDS.INDEX_ATTEMPTS);
  });

  it('sends what was missed', async () => {
    const world = createWorld();

    await catchUp(world.deps, { ...connection, ...subscription, position: { epoch: 'e1', seq: 1 } });

    expect(world.frames).toMatchObject([{ seq: 3, recovered: true, messages: [{ seq: 2 }, { seq: 3 }] }]);
  });

  it('waits for a handshake that is under way, and then goes on', async () => {
    const world = createWorld({ answers: ['gone', 'gone'] });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.frames).toHaveLength(1);
    expect(world.waiting.sleptMs).toEqual([FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS, FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS]);
  });

  it('keeps the records of a young connection that stays gone', async () => {
    const world = createWorld({ answers: Array.from({ length: 99 }, () => 'gone' as const) });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('gone');
    expect(world.steps.filter((step) => step.startsWith('post'))).toHaveLength(FANOUT_BOUNDS.HANDSHAKE_ATTEMPTS);
    expect(world.steps).not.toContain('remove C1=');
  });

  it('removes a connection that is gone past the grace, without waiting', async () => {
    const world = createWorld({ answers: ['gone'] });

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('gone');
    expect(world.steps.at(-1)).toBe('remove C1=');
    expect(world.waiting.sleptMs).toEqual([]);
  });

  it('does not send again what reached the connection before it was gone for a moment', async () => {
    const heads = { news: headOf('news', 3), other: headOf('other', 3) };
    const world = createWorld({ heads, topics: ['news', 'other'], answers: ['delivered', 'gone'] });
    const behind = { news: { epoch: 'e1', seq: 2 }, other: { epoch: 'e1', seq: 2 } };

    await catchUp(world.deps, { ...ping(behind), ...young });

    expect(world.frames).toMatchObject([{ topic: 'news' }, { topic: 'other' }]);
  });

  it.each(['throttled', 'failed'] as const)(
    'tries again what was %s, and tells when that stays so',
    async (outcome) => {
      const passing = createWorld({ answers: [outcome] });
      const staying = createWorld({ answers: Array.from({ length: 99 }, () => outcome) });

      const first = await catchUp(passing.deps, { ...connection, ...subscription });
      const second = await catchUp(staying.deps, { ...connection, ...subscription });

      expect([first, second]).toEqual(['delivered', outcome]);
      expect(staying.steps).not.toContain('remove C1=');
    },
  );

  it('rejects when the head cannot be read', async () => {
    const { deps } = createWorld();
    const findHead = () => Promise.reject(new Error('table down'));

    await expect(catchUp({ ...deps, findHead }, { ...connection, ...subscription })).rejects.toThrow('table down');
  });
});

describe('catchUp, of a ping', () => {
  it('sends nothing to who is where the topic is', async () => {
    const world = createWorld({ topics: ['news', 'quiet'] });

    const outcome = await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 3 }, quiet: { epoch: null, seq: 0 } }));

    expect(outcome).toBe('delivered');
    expect(world.frames).toEqual([]);
  });

  it('sends what is missing in each topic that is behind, and only of those', async () => {
    const heads = { news: headOf('news', 3), other: headOf('other', 5), third: headOf('third', 1) };
    const world = createWorld({ heads, topics: Object.keys(heads) });

    await catchUp(
      world.deps,
      ping({ news: { epoch: 'e1', seq: 2 }, other: { epoch: 'e1', seq: 5 }, third: { epoch: 'old', seq: 1 } }),
    );

    expect(world.frames).toMatchObject([
      { topic: 'news', seq: 3, recovered: true, messages: [{ seq: 3 }] },
      { topic: 'third', seq: 1, recovered: false, messages: [] },
    ]);
  });

  it('tells nothing of a topic that the connection is not subscribed to', async () => {
    const world = createWorld({ topics: [] });

    await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 0 } }));

    expect(world.frames).toEqual([]);
    expect(world.steps).toEqual([]);
  });

  it('tells that a topic is gone', async () => {
    const world = createWorld({ heads: {} });

    await catchUp(world.deps, ping({ news: { epoch: 'e1', seq: 3 } }));

    expect(world.frames).toMatchObject([{ topic: 'news', epoch: null, seq: 0, recovered: false }]);
  });
});
