import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { createNews } from '../../../../shared/http-door/news.ts';
import type { StreamState } from '../../../../shared/store/stream-state.ts';

const MINUTE_MS = 60_000;

const stream = (changes: Partial<StreamState> = {}): StreamState => ({
  topic: 'news',
  life: 'a',
  settings: { contentType: 'application/json' },
  seq: 3,
  newest: [],
  segments: [],
  isClosed: false,
  forks: 0,
  isGone: false,
  publishedAt: 0,
  ...changes,
});

/** A topic whose stream changes at given times, and a clock that sleeping moves. */
function scene(stateAt: (ms: number) => StreamState | undefined) {
  let nowMs = 0;
  let looks = 0;
  const wait = createNews({
    look: async () => {
      looks += 1;
      return stateAt(nowMs);
    },
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  });
  return { wait, looks: () => looks };
}

describe('readers that wait for a topic in one process', () => {
  it('cost one look in an interval together, 200 as one', async () => {
    const { wait, looks } = scene(() => stream());
    const waiting = { topic: 'news', known: stream(), untilMs: MINUTE_MS };

    const news = await Promise.all(Array.from({ length: 200 }, () => wait(waiting)));

    expect(new Set(news)).toEqual(new Set(['nothing']));
    expect(looks()).toBe(MINUTE_MS / HTTP_BOUNDS.LOOK_MS);
  });

  it('all have a message at the look after it', async () => {
    const { wait, looks } = scene((ms) => stream({ seq: ms < 1_000 ? 3 : 4 }));
    const waiting = { topic: 'news', known: stream(), untilMs: MINUTE_MS };

    const news = await Promise.all(Array.from({ length: 200 }, () => wait(waiting)));

    expect(new Set(news.map((each) => (typeof each === 'string' ? each : each.seq)))).toEqual(new Set([4]));
    expect(looks()).toBe(1_000 / HTTP_BOUNDS.LOOK_MS);
  });

  it.each([
    ['is closed', stream({ isClosed: true })],
    ['is gone', stream({ isGone: true })],
  ])('learn that a stream %s', async (_, changed) => {
    const { wait } = scene(() => changed);

    expect(await wait({ topic: 'news', known: stream(), untilMs: MINUTE_MS })).toEqual(changed);
  });

  it.each([
    ['was deleted', undefined],
    ['was created anew', stream({ life: 'b', seq: 9 })],
  ])('learn that a stream %s', async (_, changed) => {
    const { wait } = scene(() => changed);

    expect(await wait({ topic: 'news', known: stream(), untilMs: MINUTE_MS })).toBe('missing');
  });

  it('are not misled by a look that is older than what they know', async () => {
    const { wait } = scene((ms) => stream({ seq: ms < 500 ? 2 : 4 }));

    expect(await wait({ topic: 'news', known: stream(), untilMs: MINUTE_MS })).toMatchObject({ seq: 4 });
  });

  it('all fail if the look fails', async () => {
    const { wait } = scene(() => {
      throw new Error('no table');
    });
    const waiting = { topic: 'news', known: stream(), untilMs: MINUTE_MS };

    const results = await Promise.allSettled([wait(waiting), wait(waiting)]);

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
