import { checkAll, type Evidence, stillMissing, type Witness } from './checks.ts';

const received = (seqs: readonly number[]) => seqs.map((seq) => ({ epoch: 'e1', seq, message: seq * 10, atMs: 0 }));

const witness = (seqs: readonly number[], more: Partial<Witness> = {}): Witness => ({
  index: 3,
  plan: { topics: ['news'], counters: ['votes'], isByHttp: false, lifetimeMs: undefined, batch: false },
  received: new Map([['news', received(seqs)]]),
  gaps: [],
  shownValue: () => 7,
  ...more,
});

/** Three messages and a counter at seven; the second message is not for client 3 when `notTo` says so. */
function evidenceOf(
  client: Witness,
  { notTo, mayEcho = false, rejected = [], head = 3, stored = 7, unsure = new Map() }: Story = {},
): Evidence {
  const messages = [2, 1, 3].map((seq) => ({
    epoch: 'e1',
    seq,
    message: seq * 10,
    notTo: seq === 2 ? notTo : undefined,
    mayEcho,
  }));
  return {
    ledger: {
      messages: new Map([['news', messages]]),
      sums: new Map([['votes', 7]]),
      unsure,
      rejected,
      asked: () => 4,
    },
    fleet: [client],
    heads: new Map([
      ['news', { seq: head, value: 0 }],
      ['counter:votes', { seq: 1, value: stored }],
    ]),
  };
}

interface Story {
  readonly notTo?: number;
  readonly rejected?: readonly string[];
  readonly head?: number;
  readonly mayEcho?: boolean;
  /** The stored value of the counter; seven was accepted. */
  readonly stored?: number;
  readonly unsure?: ReadonlyMap<string, readonly number[]>;
}

const problemsOf = (evidence: Evidence): readonly string[] => checkAll(evidence).flatMap(({ problems }) => problems);

describe('what is checked after chaos', () => {
  it('finds nothing wrong where each message came once and in order', () => {
    expect(problemsOf(evidenceOf(witness([1, 2, 3])))).toEqual([]);
    expect(problemsOf(evidenceOf(witness([1, 3]), { notTo: 3 }))).toEqual([]);
  });

  it.each([
    ['a lost message', witness([1, 3]), /2 of 3 came; in place 2: seq 3/],
    ['a repeated one', witness([1, 2, 2, 3]), /4 of 3 came; in place 3: seq 2 .*1 repeats/],
    ['one more at the end', witness([1, 2, 3, 3]), /4 of 3 came/],
    ['two out of order', witness([2, 1, 3]), /in place 1: seq 2/],
    [
      'another content',
      witness([], {
        received: new Map([['news', received([1, 2, 3]).map((each) => ({ ...each, message: undefined }))]]),
      }),
      /message unknown/,
    ],
    ['a told loss', witness([1, 2, 3], { gaps: ['news after 1 up to 2'] }), /news after 1/],
    ['a wrong value', witness([1, 2, 3], { shownValue: () => 6 }), /votes is 6, and should be 7/],
  ])('finds %s', (_, client, problem) => {
    expect(problemsOf(evidenceOf(client))).toEqual([expect.stringMatching(problem)]);
  });

  it('finds a publish that counted twice, and one that was refused', () => {
    expect(problemsOf(evidenceOf(witness([1, 2, 3]), { head: 4 }))).toEqual([expect.stringContaining('head at 4')]);
    expect(problemsOf(evidenceOf(witness([1, 2, 3]), { rejected: ['refused'] }))).toEqual(['refused']);
  });

  it('lets a client get its own message without echo, or not, after it had to publish again', () => {
    expect(problemsOf(evidenceOf(witness([1, 3]), { notTo: 3, mayEcho: true }))).toEqual([]);
    expect(problemsOf(evidenceOf(witness([1, 2, 3]), { notTo: 3, mayEcho: true }))).toEqual([]);
    expect(problemsOf(evidenceOf(witness([1, 2, 3]), { notTo: 3 }))).toEqual([expect.stringMatching(/seq 2/)]);
  });

  it('takes a value that increments which perhaps counted explain, and no other', () => {
    const unsure = new Map([['votes', [2, 5]]]);
    const story = (stored: number) => evidenceOf(witness([1, 2, 3], { shownValue: () => stored }), { stored, unsure });

    for (const stored of [7, 9, 12, 14]) expect(problemsOf(story(stored))).toEqual([]);
    expect(problemsOf(story(8))).toEqual(['votes is 8 in the table, and should be 7 and perhaps 2, 5']);
    expect(problemsOf({ ...story(9), fleet: [witness([1, 2, 3])] })).toEqual(['client 3: votes is 7, and should be 9']);
  });

  it('knows what is still to come', () => {
    expect(stillMissing(evidenceOf(witness([1, 2, 3])))).toEqual([]);
    expect(stillMissing(evidenceOf(witness([1], { shownValue: () => undefined })))).toEqual([
      'client 3 has 1 of 3 of news',
      'client 3: votes is undefined, and should be 7',
    ]);
  });
});
