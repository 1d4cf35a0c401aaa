import fc from 'fast-check';
import type { Subscription } from '../../client/src/index.ts';
import { type FakeSocket, FakeSockets, settled, subscribedFrame } from '../helpers/fake-sockets.ts';

type Frame = FakeSocket['sent'][number];

const TOPICS = ['news', 'chat'];

/** A lifetime in ms with several renewals in one run. */
const LIFETIME_MS = 20_000;

const topic = fc.constantFrom(...TOPICS);

/** The steps of a run. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), topic, presence: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), index: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('handle' as const), index: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer' as const), index: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(500, 4_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), index: fc.nat(1) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A server of one connection that handles and answers frames in whatever order the test says. */
class UnorderedServer {
  readonly socket: FakeSocket;
  readonly subscriptions = new Map<string, { readonly presence: boolean }>();
  readonly #answers: Frame[] = [];
  readonly #pending: Frame[] = [];
  #taken = 0;

  constructor(socket: FakeSocket) {
    const inUrl = new URL(socket.url).searchParams.get('topics')?.split(',').filter(Boolean) ?? [];
    for (const name of inUrl) {
      this.subscriptions.set(name, { presence: false });
      this.#answers.push(subscribedFrame(name));
    }
    this.socket = socket.open();
  }

  get isOpen(): boolean {
    return !this.socket.isClosed;
  }

  /** Frames that were sent and are not handled, and answers that have not arrived. */
  get underWay(): number {
    this.#takeNew();
    return this.#pending.length + this.#answers.length;
  }

  handle(index: number): void {
    this.#takeNew();
    const [frame] = this.#pending.splice(index % Math.max(1, this.#pending.length), 1);
    if (frame === undefined) return;
    const { id, action, presence } = frame;
    const name = String(frame['topic']);
    this.#answers.push(action === 'ping' ? { type: 'pong' } : { type: 'ack', id, action, topic: name });
    if (action === 'unsubscribe') this.subscriptions.delete(name);
    if (action !== 'subscribe') return;
    this.subscriptions.set(name, { presence: presence === true });
    this.#answers.push(subscribedFrame(name));
  }

  answer(index: number): void {
    const [answer] = this.#answers.splice(index % Math.max(1, this.#answers.length), 1);
    if (answer !== undefined && this.isOpen) this.socket.receive(answer);
  }

  #takeNew(): void {
    this.#pending.push(...this.socket.sent.slice(this.#taken));
    this.#taken = this.socket.sent.length;
  }
}

/** A client whose components come and go, and the servers of its connections. */
class Play {
  readonly fake = new FakeSockets();
  readonly rt = this.fake.connect({ lifetimeMs: LIFETIME_MS, topics: ['news'] });
  readonly subscriptions: { readonly subscription: Subscription; readonly presence: boolean }[] = [];
  #servers: UnorderedServer[] = [];

  /** The servers of the open connections, the oldest first. */
  get servers(): readonly UnorderedServer[] {
    for (const socket of this.fake.all.splice(0)) {
      if (!socket.isClosed) this.#servers.push(new UnorderedServer(socket));
    }
    this.#servers = this.#servers.filter(({ isOpen }) => isOpen);
    return this.#servers;
  }

  async take(each: Step): Promise<void> {
    const servers = this.servers;
    if (each.kind === 'subscribe') this.#subscribe(each.topic, each.presence);
    if (each.kind === 'unsubscribe') this.#unsubscribe(each.index);
    if (each.kind === 'handle') servers[each.index % 2]?.handle(each.index);
    if (each.kind === 'answer') servers[each.index % 2]?.answer(each.index);
    if (each.kind === 'pass') this.fake.clock.advance(each.ms);
    if (each.kind === 'cut') servers[each.index]?.socket.cut();
    await Promise.resolve();
  }

  /** Handles and answers everything, until nothing is in flight on one connection. */
  async settle(): Promise<UnorderedServer | undefined> {
    for (let turn = 0; turn < 300; turn += 1) {
      for (const server of this.servers) {
        for (; server.underWay > 0; await settled()) {
          server.handle(0);
          server.answer(0);
        }
      }
      const [server, ...others] = this.servers;
      if (server !== undefined && others.length === 0 && this.rt.status === 'online' && this.#isLive()) return server;
      this.fake.clock.advance(500);
    }
    return undefined;
  }

  /** The options that the server must have by now, for each topic with a subscription. */
  expected(): Map<string, { readonly presence: boolean }> {
    const live = this.subscriptions.filter(({ subscription }) => subscription.state !== 'ended');
    return new Map(
      TOPICS.filter((name) => live.some(({ subscription }) => subscription.topic === name)).map((name) => [
        name,
        { presence: live.some(({ subscription, presence }) => subscription.topic === name && presence) },
      ]),
    );
  }

  #isLive = (): boolean => this.subscriptions.every(({ subscription }) => subscription.state !== 'subscribing');

  #subscribe(name: string, presence: boolean): void {
    this.subscriptions.push({ subscription: this.rt.subscribe(name, { presence }), presence });
  }

  #unsubscribe(index: number): void {
    const open = this.subscriptions.filter(({ subscription }) => subscription.state !== 'ended');
    open[index % Math.max(1, open.length)]?.subscription.unsubscribe();
  }
}

describe('a client whose components come and go, whatever the order in which its frames are handled', () => {
  it('is subscribed at last to what it follows, with the presence that is asked for, and to nothing else', async () => {
    const outcomes = { none: 0, some: 0, presence: 0 };

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
        const play = new Play();
        for (const each of steps) await play.take(each);

        const server = await play.settle();

        expect(server).toBeDefined();
        const expected = play.expected();
        // A topic of the URL that was never subscribed to is kept as it is.
        const known = new Set(play.subscriptions.map(({ subscription }) => subscription.topic));
        const kept = [...(server?.subscriptions ?? [])].filter(([name]) => known.has(name));
        expect(new Map(kept)).toEqual(expected);
        outcomes[expected.size === 0 ? 'none' : 'some'] += 1;
        if ([...expected.values()].some(({ presence }) => presence)) outcomes.presence += 1;
        play.rt.close();
        expect(play.fake.clock.pending).toBe(0);
      }),
      { numRuns: 3_000 },
    );

    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(50);
  });
});
