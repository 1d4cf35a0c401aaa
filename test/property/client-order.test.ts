import fc from 'fast-check';
import * as BOUNDS from '../../client/src/bounds.ts';
import { connect, type Gap, type Message, type Position, type Recovered } from '../../client/src/index.ts';
import { TestClock } from '../helpers/test-clock.ts';
import { ScriptedServer } from '../helpers/scripted-server.ts';

const TOPIC = 'news';

/** A lifetime in ms with several renewals in one run. */
const LIFETIME_MS = 4_000;

/** The steps of a run. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish'), copies: fc.constantFrom(0, 1, 1, 1, 2) }) },
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join'), history: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), copies: fc.constantFrom(0, 1) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A client, what it was told, and what was published. */
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
  readonly subscription = this.rt.subscribe(TOPIC);
  readonly published: Position[] = [];
  readonly frames: Readonly<Record<string, unknown>>[] = [];
  readonly seen: Message[] = [];
  readonly gaps: Gap[] = [];
  readonly recoveries: Recovered[] = [];
  /** Subscriptions that joined later: what they saw, and how many messages the first one had seen by then. */
  readonly joined: { readonly seen: Message[]; readonly after: number }[] = [];
  start: Position | undefined;

  constructor() {
    // Without it an epoch could begin and end before the first known message, and no client could report it.
    this.publish(1);
    this.subscription.on('message', (message) => this.seen.push(message));
    this.subscription.on('gap', (gap) => this.gaps.push(gap));
    this.subscription.on('recovered', (recovered) => this.recoveries.push(recovered));
    this.subscription.on('subscribed', ({ epoch, seq }) => {
      this.start ??= { epoch, seq };
    });
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'publish':
        return this.publish('copies' in step ? step.copies : 1);
      case 'deliver':
        return this.#deliver('frames' in step ? step : { socket: 0, frames: 1 });
      case 'repeat':
        return this.#repeat('back' in step ? step.back : 0);
      case 'pass':
        return this.clock.advance('ms' in step ? step.ms : 0);
      case 'cut':
        return 'code' in step ? this.server.live[step.socket]?.cut(step.code) : undefined;
      case 'expire':
        return this.server.topics.expire(TOPIC);
      case 'join':
        return this.#join('history' in step ? step.history : 0);
      default:
        this.server.topics.restart(TOPIC);
        return this.publish('copies' in step ? step.copies : 1);
    }
  }

  publish(copies: number): void {
    const frame = this.server.publish(TOPIC, copies);
    this.frames.push(frame);
    this.published.push({ epoch: String(frame['epoch']), seq: Number(frame['seq']) });
  }

  /** Everything arrives from now on, and time passes, until the client is where the topic is. */
  settle(): boolean {
    this.publish(1);
    const head = this.published.at(-1);
    for (let turn = 0; turn < 400; turn += 1) {
      for (const socket of this.server.live) while (socket.deliver());
      const { position, state } = this.subscription;
      if (state === 'live' && position?.epoch === head?.epoch && position?.seq === head?.seq) return true;
      this.clock.advance(500);
    }
    return false;
  }

  #join(history: number): void {
    const seen: Message[] = [];
    this.joined.push({ seen, after: this.seen.length });
    // Before the first answer, all get the longest history.
    const options = history === 0 || this.subscription.position === undefined ? {} : { history };
    this.rt.subscribe(TOPIC, options).on('message', (message) => seen.push(message));
  }

  #deliver({ socket, frames }: { readonly socket: number; readonly frames: number }): void {
    for (let count = 0; count < frames; count += 1) this.server.live[socket]?.deliver();
  }

  #repeat(back: number): void {
    const frame = this.frames.at(-1 - back);
    if (frame !== undefined) this.server.repeat(TOPIC, frame);
  }
}

const nameOf = ({ epoch, seq }: Position): string => `${epoch} ${seq}`;

/** Each one that a gap speaks of. `order` is all that was published, in its order. */
function lostBy({ last, now }: Gap, order: readonly Position[]): string[] {
  return order.slice(endOf(last, order), endOf(now, order)).map(nameOf);
}

/** Counts the messages published up to a position; `seq` 0 is the beginning of its epoch. */
function endOf({ epoch, seq }: Position, order: readonly Position[]): number {
  return order.findIndex((each) => each.epoch === epoch && each.seq === Math.max(1, seq)) + (seq === 0 ? 0 : 1);
}

function check(play: Play): void {
  const { published, seen, gaps, recoveries, start } = play;
  const names = published.map(nameOf);
  const firstOwed = start === undefined ? 0 : endOf(start, published);
  const told = [...seen.map(nameOf), ...gaps.flatMap((gap) => lostBy(gap, published))];
  // Each once and in order, and what is not seen is said to be lost.
  expect(seen.map((message) => names.indexOf(nameOf(message)))).toEqual(
    [...new Set(seen.map((message) => names.indexOf(nameOf(message))))].toSorted((a, b) => a - b),
  );
  const owed = names.slice(firstOwed).toSorted();
  const isOneLife = new Set(published.map(({ epoch }) => epoch)).size === 1;
  // Which of two epochs came first, no client can know: a late answer of the former one may make it tell of a loss too many.
  if (isOneLife) expect(told.toSorted()).toEqual(owed);
  else expect(owed.filter((name) => !told.includes(name))).toEqual([]);
  expect(
    recoveries.filter(({ recovered }) => !recovered).map(({ last, now }) => ({ topic: TOPIC, last, now })),
  ).toEqual(gaps);
}

/**
 * A subscription that joined later sees what the first one sees from then on, and before it only its history, in order.
 */
function checkJoined(play: Play): void {
  for (const { seen, after } of play.joined) {
    const later = play.seen.slice(after).map(nameOf);
    const names = seen.map(nameOf);
    expect(names.slice(Math.max(0, names.length - later.length))).toEqual(later);
    const order = names.map((name) => play.published.map(nameOf).indexOf(name));
    expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
  }
}

describe('a client, whatever comes by whichever connection', () => {
  it('sees each message exactly once and in order, or is told that it is lost', () => {
    const outcomes = { whole: 0, lossy: 0, renewed: 0, oneLife: 0, history: 0 };

    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const play = new Play();
        for (const each of steps) {
          play.take(each);
          if (play.server.live.length > 1) outcomes.renewed += 1;
        }

        const isSettled = play.settle();

        expect(isSettled).toBe(true);
        check(play);
        // A history that did not come is not waited for any longer.
        play.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
        checkJoined(play);
        if (play.joined.some(({ seen, after }) => seen.length > play.seen.length - after)) outcomes.history += 1;
        outcomes[play.gaps.length === 0 ? 'whole' : 'lossy'] += 1;
        if (play.gaps.every(({ last, now }) => last.epoch === now.epoch)) outcomes.oneLife += 1;
        play.rt.close();
        expect(play.clock.pending).toBe(0);
      }),
      { numRuns: 4_000 },
    );

    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(50);
  });
});
