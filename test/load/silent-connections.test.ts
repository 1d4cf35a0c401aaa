import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { monotonicMs } from '../../bench/harness/clock.ts';
import { type Dialogue, type Frame, openDialogue } from '../helpers/dialogue.ts';
import { readStream } from '../helpers/read-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

const CLIENTS = 200;
const SILENT = 50;
const TOPICS = Array.from({ length: 20 }, (_, i) => `silent-${i}`);
const MESSAGES = 10;
/** The seqs of a topic that a client got. */
interface Received {
  readonly live: readonly number[];
  readonly recovered: readonly number[];
}

/** Joins that a bystander sees, before and during the silence. */
const JOINS = 3;
const CONNECTING = 25;

const ascending = (a: number, b: number): number => a - b;

const allOf = ({ live, recovered }: Received): number[] => [...live, ...recovered].toSorted(ascending);

const THROTTLED = { statusCode: 429, errorType: 'LimitExceededException' } as const;

describe('200 clients on 20 topics, of which 50 fall silent for a few seconds', () => {
  const silent = new Map<string, 'hang' | typeof THROTTLED>();
  const dialogues: Dialogue[] = [];
  let state: 'open' | 'learning' | 'silent' = 'open';
  let bench: RuntimeBench;

  beforeAll(async () => {
    bench = await startBench({
      interceptCallback: ({ connectionId }) => {
        const isNew = state === 'learning' && !silent.has(connectionId);
        if (isNew) silent.set(connectionId, silent.size % 2 === 0 ? 'hang' : THROTTLED);
        return state === 'silent' ? silent.get(connectionId) : undefined;
      },
    });
  });

  afterAll(async () => {
    for (const each of dialogues) each.cut();
    await bench.stop();
  });

  async function connect(topics: readonly string[]): Promise<Dialogue> {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topics.join(',')}`);
    dialogues.push(client);
    for (const topic of topics) await client.hear({ type: 'subscribed', topic });
    return client;
  }

  const topicsOf = (index: number): string[] => [0, 7].map((step) => TOPICS[(index + step) % TOPICS.length] ?? '');

  async function connectMany(first: number, count: number): Promise<Dialogue[]> {
    const clients: Dialogue[] = [];
    while (clients.length < count) {
      const next = Array.from({ length: CONNECTING }, (_, i) => connect(topicsOf(first + clients.length + i)));
      clients.push(...(await Promise.all(next)));
    }
    return clients;
  }

  /**
   * The seqs of a topic that a client got first by a live message, in this order, and those it got first by a recovery.
   */
  function receivedBy({ heard }: Dialogue, topic: string): Received {
    const [live, recovered] = [new Set<number>(), new Set<number>()];
    for (const frame of heard.filter((each) => each['topic'] === topic)) {
      const { type, messages = [] } = frame as { type?: unknown; messages?: readonly Frame[] };
      const seqs = (type === 'message' ? [frame] : messages).map(({ seq }) => Number(seq));
      const list = type === 'message' ? live : recovered;
      for (const seq of seqs.filter((each) => !live.has(each) && !recovered.has(each))) list.add(seq);
    }
    return { live: [...live], recovered: [...recovered] };
  }

  /** The median time in ms from a subscribe to the presence frame that tells a watcher of it. */
  async function joinMs(watcher: Dialogue, joiner: Dialogue): Promise<number> {
    const took: number[] = [];
    // A frame may come twice, and is then no news.
    const isOf = (list: 'joined' | 'left') => (frame: Frame) =>
      frame['type'] === 'presence' &&
      Array.isArray(frame[list]) &&
      frame[list].length > 0 &&
      watcher.heard.findIndex(({ countedAt }) => countedAt === frame['countedAt']) === watcher.heard.indexOf(frame);
    for (let join = 0; join < JOINS; join++) {
      const beganMs = monotonicMs();
      joiner.say({ action: 'subscribe', topic: 'room' });
      await watcher.hear(isOf('joined'));
      took.push(monotonicMs() - beganMs);
      joiner.say({ action: 'unsubscribe', topic: 'room' });
      await watcher.hear(isOf('left'));
    }
    return took.toSorted((a, b) => a - b)[Math.floor(JOINS / 2)] ?? Number.NaN;
  }

  /** The number of debts that stand. */
  async function standingDebts(): Promise<number> {
    const { Items = [] } = await bench.dynamodb.send(
      new ScanCommand({ TableName: bench.output('SubscriptionsTable') }),
    );
    return Items.filter((item) => item['topic']?.S?.startsWith('@owed:')).length;
  }

  /** All writes of debts so far, as change records. */
  const debtWrites = async () => {
    const engine = { client: bench.dynamodb, endpoint: bench.runtime.endpoints.dynamodb };
    const records = await readStream(engine, bench.output('SubscriptionsTable'));
    return records.filter(({ dynamodb }) => JSON.stringify(dynamodb.Keys).includes('@owed:'));
  };

  test('each gets each message, live ones in order, and others see who joins while they are silent', async () => {
    const [watcher, joiner, publisher] = [await connect([]), await connect([]), await connect([])];
    watcher.say({ action: 'subscribe', topic: 'room', presence: true });
    await watcher.hear({ type: 'presence', topic: 'room' });
    const others = await connectMany(0, CLIENTS - SILENT);
    state = 'learning';
    const lost = await connectMany(CLIENTS - SILENT, SILENT);
    state = 'open';
    const beforeMs = await joinMs(watcher, joiner);

    state = 'silent';
    for (let message = 1; message <= MESSAGES; message++) {
      await Promise.all(TOPICS.map((topic) => publisher.ask({ action: 'publish', topic, data: message })));
    }
    const duringMs = await joinMs(watcher, joiner);
    state = 'open';

    const all = [...others, ...lost].map((client, index) => ({ client, topics: topicsOf(index) }));
    const isComplete = ({ client, topics }: (typeof all)[number]) =>
      topics.map((topic) => receivedBy(client, topic)).every((got) => allOf(got).length === MESSAGES);
    await eventually(() => all.every(isComplete), 'every client has every message');
    const expected = Array.from({ length: MESSAGES }, (_, i) => i + 1);
    for (const { client, topics } of all) {
      for (const received of topics.map((topic) => receivedBy(client, topic))) {
        expect(allOf(received)).toEqual(expected);
        expect(received.live).toEqual(received.live.toSorted(ascending));
      }
    }

    const counts = all.flatMap(({ client, topics }) =>
      topics.map((topic) => receivedBy(client, topic).recovered.length),
    );
    const missed = counts.reduce((sum, count) => sum + count, 0);
    await eventually(async () => (await standingDebts()) === 0, 'every debt is settled');
    const writes = await debtWrites();
    const debts = writes.filter(({ eventName }) => eventName === 'INSERT').length;
    const perFrame = (writes.length / missed).toFixed(2);
    process.stdout.write(
      `${missed} missed frames, ${debts} debts, ${writes.length} write units: ${perFrame} for each missed frame, ` +
        `${(writes.length / debts).toFixed(1)} for each debt; ` +
        `joins ${beforeMs.toFixed(0)} ms, ${duringMs.toFixed(0)} ms beside the silent\n`,
    );
    expect(silent.size).toBe(SILENT);
    expect(missed).toBeGreaterThan(SILENT);
  });
});
