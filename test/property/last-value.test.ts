import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MessageOrder } from '../../client/src/message-order.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { messageFrame, subscribedFrame } from '../../shared/protocol/server-frames.ts';
import { createSubscriptionStore } from '../../shared/store/subscriptions.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../helpers/lambda-events.ts';
import { openTopics, scan } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

/** The steps of a run. A batch is broadcast once, or again since its worker was killed, or it is given up. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish'), messages: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('broadcast'), as: fc.constantFrom('done', 'twice', 'half', 'given-up') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reconnect'), client: fc.nat(1), knows: fc.boolean() }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A client of a topic, which is connected anew at times. */
class Reader {
  readonly seen: number[] = [];
  readonly #order = new MessageOrder(({ data }) => void this.seen.push(Number(data)));
  connectionId: string | undefined;
  #taken = 0;

  get position() {
    return this.#order.position;
  }

  connect(connectionId: string): void {
    this.connectionId = connectionId;
    this.#taken = 0;
    this.#order.startRequest();
  }

  /** Takes the frames that its connection got since. */
  take(received: readonly unknown[]): void {
    for (const frame of received.slice(this.#taken)) {
      const subscribed = subscribedFrame.safeParse(frame);
      if (!subscribed.success) this.#order.takeLive(messageFrame.parse(frame));
      else if (!this.#order.hasHole(subscribed.data)) this.#order.catchUp(subscribed.data);
      this.#order.release();
    }
    this.#taken = received.length;
  }
}

describe('a topic that keeps its last value only, under any publishes, reconnects and failing workers', () => {
  let stage: FanoutStage;
  const before = process.env[ENVIRONMENT.topicSettings];

  beforeAll(async () => {
    stage = await startFanoutStage();
    process.env[ENVIRONMENT.topicSettings] = JSON.stringify({ 'price/*': { lastValueOnly: true } });
  });

  afterAll(async () => {
    if (before === undefined) delete process.env[ENVIRONMENT.topicSettings];
    else process.env[ENVIRONMENT.topicSettings] = before;
    await stage.close();
  });

  /** Plays the steps; resolves to what each reader had seen last after each of its catch-ups, and what was newest. */
  async function play(steps: readonly Step[]) {
    const [broadcast, catchUp] = [
      await import('../../handlers/broadcast.ts'),
      await import('../../handlers/catch-up.ts'),
    ];
    const topic = `price/${randomUUID()}`;
    const topics = openTopics(stage.engine);
    const subscriptions = createSubscriptionStore({
      client: stage.engine.client,
      table: TABLE_NAMES.subscriptions,
      requestId: randomUUID,
      shardsOf: async () => 1,
    });
    const readers = [new Reader(), new Reader()];
    const caughtUp: (readonly [seen: number | undefined, newest: number | undefined, place: number | undefined])[] = [];
    let published = 0;
    const takeAll = () => {
      for (const reader of readers) reader.take(stage.received.get(reader.connectionId ?? '') ?? []);
    };
    const reconnect = async (reader: Reader, knows: boolean) => {
      const connectionId = randomUUID();
      reader.connect(connectionId);
      const position = knows ? reader.position : undefined;
      await subscriptions.subscribe({ connectionId, connectedAt: CONNECTED_AT }, { topic, position });
      await invokeStream(catchUp.handler, await stage.newRecords(TABLE_NAMES.subscriptions));
      takeAll();
      caughtUp.push([reader.seen.at(-1), published === 0 ? undefined : published, reader.position?.seq]);
    };
    for (const each of [...steps, { kind: 'reconnect', client: 0, knows: true } as const]) {
      if ('messages' in each) {
        const messages = Array.from({ length: each.messages }, (_, index) => String(published + index + 1));
        await topics.publish({ topic, messages });
        published += each.messages;
      } else if ('as' in each) {
        const records = await stage.newRecords(TABLE_NAMES.topics);
        const half = records.slice(0, Math.ceil(records.length / 2));
        const runs =
          { done: [records], twice: [records, records], half: [half, records], 'given-up': [] }[each.as] ?? [];
        for (const batch of runs) await invokeStream(broadcast.handler, batch);
        takeAll();
      } else await reconnect(readers[each.client] ?? new Reader(), each.knows);
    }
    return { topic, readers, caughtUp };
  }

  it('catches each client up to the newest message, and archives none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { topic, readers, caughtUp } = await play(steps);

        for (const [seen, newest, place] of caughtUp) expect([seen, place]).toEqual([newest, newest ?? 0]);
        for (const { seen } of readers) expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
        expect(await scan(stage.engine, TABLE_NAMES.messages, (item) => item['topic']?.S === topic)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
