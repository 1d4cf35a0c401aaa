import fc from 'fast-check';
import { connect, type Gap, type Message, type Position } from '../../client/src/index.ts';
import { ScriptedServer } from '../helpers/scripted-server.ts';
import { TestClock } from '../helpers/test-clock.ts';

const TOPICS = ['news/a', 'news/b'];

/** A lifetime in ms with several renewals in one run. */
const LIFETIME_MS = 4_000;

const topic = fc.constantFrom(...TOPICS);

/** The steps of a run. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish'), topic, copies: fc.constantFrom(0, 1, 1, 1, 2) }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('deliver'), socket: fc.nat(2), frames: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat'), back: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(100, 1_000, 3_500) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cut'), socket: fc.nat(2), code: fc.constantFrom(1001, 1006) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire'), topic }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join') }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A client with a wildcard, what it was told, and what was published. */
class Play {
  readonly clock = new TestClock();
  readonly server = new ScriptedServer();
  readonly rt = connect('ws://scripted', {
    clock: this.clock,
    socketClass: this.server.socketClass,
    random: () => 0.5,
    lifetimeMs: LIFETIME_MS,
    wakeSource: () => () => undefined,
  });
  readonly subscription = this.rt.subscribe('news/*');
  readonly published: { readonly topic: string; readonly frame: Readonly<Record<string, unknown>> }[] = [];
  readonly seen: Message[] = [];
  readonly gaps: Gap[] = [];

  constructor() {
    this.subscription.on('message', (message) => this.seen.push(message));
    this.subscription.on('gap', (gap) => this.gaps.push(gap));
  }

  take(each: Step): void {
    if ('copies' in each) this.publish(each.topic, each.copies);
    else if ('frames' in each)
      for (let frame = 0; frame < each.frames; frame += 1) this.server.live[each.socket]?.deliver();
    else if ('back' in each) this.#repeat(each.back);
    else if ('ms' in each) this.clock.advance(each.ms);
    else if ('code' in each) this.server.live[each.socket]?.cut(each.code);
    else if ('topic' in each) this.server.topics.expire(each.topic);
    // The answers to this subscription come to the wildcard, too.
    else this.rt.subscribe('news/a');
  }

  publish(name: string, copies: number): void {
    this.published.push({ topic: name, frame: this.server.publish(name, copies) });
  }

  /** Everything arrives from now on, and time passes, until the client has the last message of each topic. */
  settle(): boolean {
    for (let turn = 0; turn < 400; turn += 1) {
      // A client that asks at each answer would never come to an end.
      for (const socket of this.server.live)
        for (let count = 0; socket.deliver(); count += 1) if (count > 2_000) return false;
      // A message of each topic shows what is missing of it.
      if (turn === 0 || turn === 100) for (const name of TOPICS) this.publish(name, 1);
      const isThere = TOPICS.every((name) => this.lastSeen(name) === this.lastPublished(name));
      if (this.subscription.state === 'live' && turn > 100 && isThere) return true;
      this.clock.advance(500);
    }
    return false;
  }

  readonly lastPublished = (name: string): number =>
    Number(this.published.findLast((each) => each.topic === name)?.frame['seq']);
  readonly lastSeen = (name: string): number =>
    Math.max(0, ...this.seen.filter((each) => each.topic === name).map(({ seq }) => seq));

  #repeat(back: number): void {
    const each = this.published.at(-1 - back);
    if (each !== undefined) this.server.repeat(each.topic, each.frame);
  }
}

/** Each seq that a gap speaks of. */
const lostBy = ({ last, now }: { readonly last: Position; readonly now: Position }): number[] =>
  Array.from({ length: now.seq - last.seq }, (_, index) => last.seq + index + 1);

describe('a client with a wildcard, whatever comes by whichever connection', () => {
  it('sees each message of a topic once and in order from the first that it sees, or is told that it is lost', () => {
    const outcomes = { whole: 0, lossy: 0, renewed: 0 };

    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) => {
        const play = new Play();
        let isRenewed = false;
        for (const each of steps) {
          play.take(each);
          isRenewed ||= play.server.live.length > 1;
        }

        expect(play.settle()).toBe(true);

        for (const name of TOPICS) {
          const seqs = play.seen.filter((each) => each.topic === name).map(({ seq }) => seq);
          const lost = play.gaps.filter((gap) => gap.topic === name).flatMap(lostBy);
          const [first = 0] = seqs;
          const owed = Array.from({ length: play.lastPublished(name) - first + 1 }, (_, index) => first + index);
          expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
          expect([...seqs, ...lost].toSorted((a, b) => a - b)).toEqual(owed);
        }
        outcomes[play.gaps.length === 0 ? 'whole' : 'lossy'] += 1;
        if (isRenewed) outcomes.renewed += 1;
        play.rt.close();
        expect(play.clock.pending).toBe(0);
      }),
      { numRuns: 2_000 },
    );

    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(50);
  });
});
