import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { connect, type Published, RealtimeError } from '../../client/src/index.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { TestClock } from '../helpers/test-clock.ts';
import { ScriptedServer } from '../helpers/scripted-server.ts';

const TOPICS = ['news', 'chat'];

/** Values in ms with several request timeouts and renewals in one run. */
const REQUEST_TIMEOUT_MS = 2_000;
const LIFETIME_MS = 4_000;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      topic: fc.constantFrom(...TOPICS),
      count: fc.integer({ min: 1, max: 70 }),
      text: fc.constantFrom('', '', 'x'.repeat(700), '€'.repeat(4_000)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), frames: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(100, 1_000, 1_900) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Attempt {
  readonly topic: string;
  readonly number: number;
  outcome: Published | RealtimeError | undefined;
}

/** A client that publishes numbered messages, and what became of each. */
class Play {
  readonly clock = new TestClock();
  readonly server = new ScriptedServer();
  #sleptMs = 0;
  readonly rt = connect('ws://scripted', {
    clock: this.clock,
    socketClass: this.server.socketClass,
    random: () => 0.5,
    lifetimeMs: LIFETIME_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    queueLimit: 150,
    wallClock: () => this.clock.now() + this.#sleptMs,
    wakeSource: () => () => undefined,
  });
  readonly attempts: Attempt[] = [];

  async take(step: Step): Promise<void> {
    if (step.kind === 'publish') for (let count = 0; count < step.count; count += 1) void this.#publish(step);
    if (step.kind === 'deliver') this.#deliver(step.frames);
    if (step.kind === 'pass') this.clock.advance(step.ms);
    if (step.kind === 'sleep') this.#sleep();
    if (step.kind === 'cut') this.server.live[0]?.cut(1006);
    await nextTurn();
  }

  /** Everything arrives from now on, and time passes, until each publish has its outcome. */
  async settle(): Promise<boolean> {
    for (let turn = 0; turn < 100; turn += 1) {
      if (this.attempts.every(({ outcome }) => outcome !== undefined)) return true;
      this.#deliver(1_000);
      await nextTurn();
      this.clock.advance(100);
    }
    return false;
  }

  async #publish({ topic, text }: { readonly topic: string; readonly text: string }): Promise<void> {
    const attempt: Attempt = { topic, number: this.attempts.length, outcome: undefined };
    this.attempts.push(attempt);
    try {
      attempt.outcome = await this.rt.publish(topic, { number: attempt.number, text });
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      attempt.outcome = error;
    }
  }

  /** The device sleeps: its clock stands still, and the server forgets the keys. */
  #sleep(): void {
    this.#sleptMs += 1_000 * (LIMITS.KEY_SECONDS + 1);
    this.server.topics.forgetKeys();
  }

  #deliver(frames: number): void {
    for (const socket of this.server.live) for (let count = 0; count < frames && socket.deliver(); count += 1);
  }
}

const numberOf = (message: Readonly<Record<string, unknown>>): number => Object(message['data']).number;

function checkTopic({ server, attempts }: Play, topic: string): void {
  const written = server.written.filter((message) => message['topic'] === topic);
  const numbers = written.map(numberOf);
  // Each at most once, in the order of the calls.
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  for (const { number, outcome } of attempts.filter((attempt) => attempt.topic === topic)) {
    const position = written.findIndex((message) => numberOf(message) === number);
    if (outcome instanceof RealtimeError) expect(outcome.code === 'timeout' || position === -1).toBe(true);
    else expect(outcome).toMatchObject({ topic, epoch: written[position]?.['epoch'], seq: position + 1 });
  }
}

describe('what a client publishes, whatever becomes of its connections', () => {
  it('is written at most once, in order, within the bounds of a frame, and each is told its own seq or that it was not', async () => {
    const outcomes = { gathered: 0, repeated: 0, offline: 0, timeout: 0, 'queue-full': 0 };

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const play = new Play();
        for (const each of steps) await play.take(each);

        const isSettled = await play.settle();

        expect(isSettled).toBe(true);
        for (const topic of TOPICS) checkTopic(play, topic);
        const frames = play.server.publishFrames;
        const counts = frames.map(({ messages }) => (Array.isArray(messages) ? messages.length : 1));
        expect(Math.max(1, ...counts)).toBeLessThanOrEqual(LIMITS.PUBLISHED_MESSAGES);
        const sizes = frames.map((frame) => Buffer.byteLength(JSON.stringify(frame)));
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(LIMITS.FRAME_BYTES);
        outcomes.gathered += counts.filter((count) => count > 1).length;
        outcomes.repeated += frames.length - new Set(frames.map(({ key }) => key)).size;
        for (const { outcome } of play.attempts) {
          if (outcome instanceof RealtimeError) outcomes[outcome.code as keyof typeof outcomes] += 1;
        }
        play.rt.close();
        expect(play.clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );

    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(50);
  });
});
