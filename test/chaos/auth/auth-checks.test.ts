import { type AuthEvidence, checkAuth, lagsOf } from './auth-checks.ts';
import type { Ban, Given } from './observations.ts';

const REVOKED_MS = 10_000;

const revoked: Ban = { reason: 'revoked', subject: 'ann', pattern: '*', fromMs: REVOKED_MS, toMs: 20_000 };
const topicRevoked: Ban = { ...revoked, pattern: 'news' };
const ended: Ban = { reason: 'token ended', subject: 'ann', pattern: '*', fromMs: REVOKED_MS, toMs: Infinity };

/** Something given this long in ms after the revocation. */
const given = (kind: Given['kind'], afterMs: number, more: Partial<Given> = {}): Given => ({
  kind,
  subject: 'ann',
  name: kind === 'opened' ? '*' : 'news',
  fromMs: REVOKED_MS + afterMs,
  toMs: REVOKED_MS + afterMs,
  ...more,
});

const evidence = (ban: Ban, all: readonly Given[], more: Partial<AuthEvidence> = {}): AuthEvidence => ({
  bans: [ban],
  given: all,
  disturbances: [],
  late: [],
  tried: 7,
  unpermitted: [],
  stopped: [],
  ...more,
});

const problemsOf = (all: AuthEvidence): readonly string[] => checkAuth(all).flatMap(({ problems }) => problems);

describe('what is checked of permissions after chaos', () => {
  it.each([
    [
      'what was given before it, and within its two seconds',
      revoked,
      [given('delivered', -5), given('delivered', 2_000)],
    ],
    ['frames that were sent within its two seconds', revoked, [given('accepted', 1_900, { toMs: REVOKED_MS + 3_000 })]],
    [
      'what was given after it was lifted',
      revoked,
      [given('opened', 9_000, { toMs: 20_001 }), given('delivered', 10_001)],
    ],
    ['other subjects', revoked, [given('delivered', 5_000, { subject: 'bob' })]],
    ['other topics', topicRevoked, [given('delivered', 5_000, { name: 'sport' }), given('opened', 5_000)]],
    ['the tolerance for clocks', ended, [given('opened', 4_000), given('delivered', 1_500)]],
  ])('finds nothing wrong with %s', (_, ban, all) => {
    expect(problemsOf(evidence(ban, all))).toEqual([]);
  });

  it.each([
    [
      'a delivery',
      {
        ban: revoked,
        wrong: given('delivered', 2_001),
        problem: /ann, \* revoked: 1 delivered of news, the first 2001 ms/,
      },
    ],
    [
      'a delivery of a revoked topic',
      { ban: topicRevoked, wrong: given('delivered', 3_000), problem: /1 delivered of news/ },
    ],
    ['an accepted frame', { ban: revoked, wrong: given('accepted', 2_500), problem: /1 accepted of news/ }],
    [
      'a counted one',
      {
        ban: revoked,
        wrong: given('accepted', 2_500, { name: 'counter:votes' }),
        problem: /1 accepted of counter:votes/,
      },
    ],
    [
      'a handshake right after it',
      { ban: revoked, wrong: given('opened', 1), problem: /1 opened of \*, the first 1 ms/ },
    ],
    [
      'a delivery after the end of a token',
      { ban: ended, wrong: given('delivered', 2_001), problem: /token ended: 1 delivered/ },
    ],
    [
      'a frame after the end of a token',
      { ban: ended, wrong: given('accepted', 1), problem: /token ended: 1 accepted/ },
    ],
    [
      'a handshake after the end of a token',
      { ban: ended, wrong: given('opened', 5_001), problem: /token ended: 1 opened/ },
    ],
  ])('finds %s', (_, { ban, wrong, problem }) => {
    expect(problemsOf(evidence(ban, [given('delivered', 100), wrong]))).toEqual([expect.stringMatching(problem)]);
  });

  it('finds what no token permits, and clients that stopped for no reason', () => {
    const all = evidence(revoked, [], { unpermitted: ['topic-9'], stopped: ['client 3 stopped'] });

    expect(problemsOf(all)).toEqual(['topic-9', 'client 3 stopped']);
  });

  it('counts the two seconds of a revocation from the end of an outage, those of a handshake never', () => {
    const outage = { fromMs: REVOKED_MS + 500, toMs: REVOKED_MS + 4_000 };
    const more = { disturbances: [outage] };
    const earlier = { disturbances: [{ fromMs: REVOKED_MS - 900, toMs: REVOKED_MS - 100 }] };

    expect(problemsOf(evidence(revoked, [given('accepted', 5_900)], more))).toEqual([]);
    expect(problemsOf(evidence(revoked, [given('accepted', 6_001)], more))).toHaveLength(1);
    expect(problemsOf(evidence(revoked, [given('opened', 100)], more))).toHaveLength(1);
    expect(problemsOf(evidence(revoked, [given('accepted', 2_001)], earlier))).toHaveLength(1);
  });

  it('counts neither two seconds while the machine is late, but those of a handshake and of a token in a route', () => {
    // Two times that overlap, and one past the end of the grace as it would be without them.
    const late = [
      { fromMs: REVOKED_MS + 1_000, toMs: REVOKED_MS + 1_500 },
      { fromMs: REVOKED_MS + 1_200, toMs: REVOKED_MS + 1_700 },
      { fromMs: REVOKED_MS + 2_600, toMs: REVOKED_MS + 2_900 },
    ];
    const problemsWith = (ban: Ban, kind: Given['kind'], afterMs: number) =>
      problemsOf(evidence(ban, [given(kind, afterMs)], { late }));

    expect(problemsWith(revoked, 'delivered', 3_000)).toEqual([]);
    expect(problemsWith(revoked, 'delivered', 3_001)).toHaveLength(1);
    expect(problemsWith(revoked, 'accepted', 3_001)).toHaveLength(1);
    expect(problemsWith(ended, 'delivered', 3_000)).toEqual([]);
    expect(problemsWith(ended, 'delivered', 3_001)).toHaveLength(1);
    expect(problemsWith(revoked, 'opened', 1)).toHaveLength(1);
    expect(problemsWith(ended, 'accepted', 1)).toHaveLength(1);
  });

  it('counts only the revocations that it could judge before they were lifted', () => {
    const late = [{ fromMs: REVOKED_MS, toMs: REVOKED_MS + 8_500 }];
    const countOf = (more: Partial<AuthEvidence>) => checkAuth(evidence(revoked, [], more))[0]?.count;

    expect([countOf({}), countOf({ late })]).toEqual([1, 0]);
  });

  it('says how long connections went on', () => {
    const late = [{ fromMs: REVOKED_MS - 3_000, toMs: REVOKED_MS - 1_500 }];
    const all = [given('delivered', 300), given('accepted', 700), given('opened', 900)];

    expect(lagsOf(evidence(revoked, all, { late }))).toEqual([
      'revocations on a working server: 1; the last thing given came 700 ms (median) and 700 ms (most) after',
      'revocations while it could not act, or was late: none',
      'the heartbeat was late for 1.5 s in all',
    ]);
  });
});
