import { conclusionOf } from '../../../cli/trace/conclusion.ts';
import type { Broadcast } from '../../../cli/trace/find-broadcasts.ts';
import type { CatchUpLine, ConnectionEvent, TracedConnection } from '../../../cli/trace/find-connection.ts';
import type { Written } from '../../../cli/trace/find-written.ts';
import { timelineOf } from '../../../cli/trace/timeline.ts';
import { verdictOf, weigh } from '../../../cli/trace/verdict.ts';

const written: Written = {
  topic: 'news',
  seq: 5,
  epoch: 'e1',
  kind: 'message',
  head: { epoch: 'e1', seq: 9 },
  isBroken: false,
  archive: 'archived',
  publishedAtMs: 1_000,
  by: undefined,
  excluded: undefined,
};

const broadcast = (fields: Partial<Broadcast> = {}): Broadcast => ({
  atMs: 1_100,
  requestId: 'b1',
  records: 1,
  firstSeq: 5,
  lastSeq: 5,
  subscribers: 2,
  excluded: [],
  undelivered: new Map(),
  unnamed: 0,
  partly: new Map(),
  workers: [],
  isUndone: false,
  ...fields,
});

const subscribed: ConnectionEvent = { atMs: 500, what: 'subscribed', requestId: 's1' };
const caughtUp = (atMs: number, answer: Partial<CatchUpLine>): ConnectionEvent => ({
  atMs,
  what: 'caught-up',
  requestId: 'c1',
  answer: { outcome: 'delivered', epoch: 'e1', seq: 9, recovered: true, messages: 0, fromSeq: undefined, ...answer },
});

const connection = (...events: ConnectionEvent[]): TracedConnection => ({
  connectionId: 'C=',
  isSubscribed: false,
  connectedAtMs: undefined,
  events,
});

describe('whether a message came to a connection', () => {
  it.each<{ who: string; arrived: boolean | undefined; traced: TracedConnection; posted?: Broadcast; reason: RegExp }>([
    { who: 'subscribed before, and not named', arrived: true, traced: connection(subscribed), reason: /is not among/ },
    {
      who: 'subscribed afterwards',
      arrived: false,
      traced: connection({ ...subscribed, atMs: 1_200 }),
      reason: /not subscribed when/,
    },
    {
      who: 'unsubscribed before',
      arrived: false,
      traced: connection(subscribed, { atMs: 900, what: 'unsubscribed', requestId: 'u' }),
      reason: /not subscribed when/,
    },
    {
      who: 'ended before',
      arrived: false,
      traced: connection(subscribed, { atMs: 900, what: 'disconnected', requestId: 'd' }),
      reason: /not subscribed when/,
    },
    {
      who: 'without a log line, but with an older record',
      arrived: true,
      traced: { ...connection(), isSubscribed: true, connectedAtMs: 1 },
      reason: /is not among/,
    },
    {
      who: 'without a log line, and with a newer record',
      arrived: false,
      traced: { ...connection(), isSubscribed: true, connectedAtMs: 2_000 },
      reason: /connected after/,
    },
    {
      who: 'throttled in the middle of its frames',
      arrived: false,
      traced: connection(subscribed),
      posted: broadcast({
        undelivered: new Map([['throttled', ['C=']]]),
        partly: new Map([['C=', 'the first 1 of its 3 frames']]),
      }),
      reason: /throttled .*; it took the first 1 of its 3 frames/,
    },
    {
      who: 'perhaps among those who are not named',
      arrived: undefined,
      traced: connection(subscribed),
      posted: broadcast({ unnamed: 3 }),
      reason: /3 connections/,
    },
    {
      who: 'with a post that failed and no more said',
      arrived: undefined,
      traced: connection(subscribed, { atMs: 1_090, what: 'post-failed', requestId: 'b1', error: 'PayloadTooLarge' }),
      reason: /PayloadTooLarge/,
    },
    {
      who: 'missed live, and caught up later',
      arrived: true,
      traced: connection(subscribed, caughtUp(3_000, { fromSeq: 4, messages: 6 })),
      posted: broadcast({ undelivered: new Map([['unanswered', ['C=']]]) }),
      reason: /by catch-up, which sent seqs 4 to 9/,
    },
    {
      who: 'told that it misses something',
      arrived: false,
      traced: connection(caughtUp(3_000, { recovered: false })),
      reason: /recovered: false/,
    },
  ])('$who: $arrived', ({ arrived, traced, posted = broadcast(), reason }) => {
    const verdict = verdictOf({ written, broadcasts: [posted], connection: traced });

    expect(verdict).toMatchObject({ arrived, reason: expect.stringMatching(reason) });
  });

  it('counts whichever try reached it', () => {
    const failed = broadcast({ isUndone: true, undelivered: new Map([['failed', ['C=']]]) });

    const verdict = verdictOf({
      written,
      broadcasts: [failed, broadcast({ atMs: 2_000 })],
      connection: connection(subscribed),
    });

    expect(verdict.arrived).toBe(true);
  });

  it('is left open when not all log lines could be read, and one may say otherwise', () => {
    const found = verdictOf({ written, broadcasts: [broadcast()], connection: connection(subscribed) });

    const [whole, part] = [weigh(found, true), weigh(found, false)];

    expect(whole).toEqual({ arrived: true, reason: found.reason });
    expect(part).toEqual({
      arrived: undefined,
      reason: expect.stringContaining(`those that were say: ${found.reason}`),
    });
  });

  it.each<{ what: string; arrived: boolean; known: Parameters<typeof verdictOf>[0] }>([
    {
      what: 'its catch-up',
      arrived: true,
      known: { written, broadcasts: [], connection: connection(caughtUp(3_000, { fromSeq: 4, messages: 6 })) },
    },
    {
      what: 'the record of the change',
      arrived: false,
      known: { written: { ...written, excluded: 'C=' }, broadcasts: [], connection: connection(subscribed) },
    },
    {
      what: 'that there is no such change',
      arrived: false,
      known: { written: { ...written, epoch: undefined }, broadcasts: [], connection: connection() },
    },
  ])('is known by $what, whatever log lines could not be read', ({ arrived, known }) => {
    const verdict = weigh(verdictOf(known), false);

    expect(verdict).toEqual({ arrived, reason: expect.any(String) });
  });

  it('names the refusal of a subscribe, for which the connection was not there', () => {
    const refusal = { service: 'subscribe', code: 'forbidden' };
    const refused = connection({ atMs: 500, what: 'refused', requestId: 's1', refusal });

    expect(verdictOf({ written, broadcasts: [broadcast()], connection: refused })).toEqual({
      arrived: false,
      reason: 'nothing shows that it was ever subscribed; a subscribe of it was refused before (forbidden)',
    });
  });

  it('is not known without the log line of a broadcast', () => {
    const verdict = verdictOf({ written, broadcasts: [], connection: connection(subscribed) });

    expect(verdict).toEqual({ arrived: undefined, reason: expect.stringContaining('no log line') });
  });
});

describe('the story of a change', () => {
  it('says of a counter which newer value was sent instead', () => {
    const trace = {
      written: { ...written, kind: 'counter', archive: 'none' } as const,
      broadcasts: [broadcast({ firstSeq: 3, lastSeq: 9 })],
      givenUp: [],
      connection: undefined,
    };

    const texts = timelineOf(trace).map(({ text }) => text);

    expect(texts.join('\n')).toContain('conflated: only the newest value, seq 9, was sent');
    expect(conclusionOf(trace)[0]).toContain('Changes of counters are not archived');
  });

  it('says of an earlier epoch of a topic that it is one', () => {
    const head = { epoch: 'e2', seq: 2 };

    const sentences = conclusionOf({
      written: { ...written, head },
      broadcasts: [],
      givenUp: [],
      connection: undefined,
    });

    expect(sentences[0]).toContain('earlier epoch');
    expect(sentences.at(-1)).toContain('No log line');
  });

  it('tells as whom a connection was let in, and of refusals of one kind once', () => {
    const refusal = { service: 'subscribe', code: 'rate-limited' };
    const events: ConnectionEvent[] = [
      { atMs: 400, what: 'let-in', requestId: 'a1', subject: 'ann' },
      { atMs: 500, what: 'refused', requestId: 's1', refusal },
      { atMs: 600, what: 'refused', requestId: 's2', refusal },
      { atMs: 700, what: 'refused', requestId: 's3', refusal: { service: 'subscribe', code: 'forbidden' } },
    ];

    const steps = timelineOf({ written, broadcasts: [], givenUp: [], connection: connection(...events) });

    expect(steps.map(({ text }) => text)).toEqual([
      'the connection was let in as ann, request a1',
      'the connection was refused by subscribe (rate-limited), 2 times, request s2',
      'the connection was refused by subscribe (forbidden), request s3',
      expect.stringContaining('written'),
    ]);
  });

  it('tells of several posts that failed in one invocation once', () => {
    const tries = [1_010, 1_020, 1_030].map(
      (atMs) => ({ atMs, what: 'post-failed', requestId: 'b1', error: 'E' }) as const,
    );

    const steps = timelineOf({ written, broadcasts: [], givenUp: [], connection: connection(...tries) });

    expect(steps.map(({ text }) => text)).toEqual([
      'written',
      'the connection did not take a post, 3 times (E), request b1',
    ]);
  });
});
