import { createPublisher, type Publisher, PublishError } from '../../../server/src/index.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { unusedName } from '../../helpers/contract-target.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

/** The end of a publish or a change of a counter: its position and value, or the code and the faulty paths. */
type Outcome =
  | { readonly seq: number; readonly value?: number | undefined }
  | { readonly code: string; readonly paths: readonly string[] };

/** The fields of a `publish`, `plus` or `minus`, without the action. */
type Fields = Readonly<Record<string, unknown>>;

/** One way to publish and count: the route, or the publisher of a back end. */
interface Way {
  readonly publish: (fields: Fields) => Promise<Outcome>;
  readonly count: (counter: string, by: number, fields?: Fields) => Promise<Outcome>;
}

let engine: StoreEngine;
let restore: () => void;
let publisher: Publisher;

beforeAll(async () => {
  engine = await startStoreEngine();
  restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
  publisher = createPublisher({ client: engine.client });
});

afterAll(async () => {
  publisher.close();
  restore();
  await engine.stop();
});

async function sendTo(file: string, frame: Fields): Promise<Outcome> {
  const { handler }: { handler: unknown } = await import(`../../../handlers/${file}.ts`);
  const answer: Fields = Object((await invokeRoute(handler, { id: 'r1', ...frame })) ?? {});
  if (answer['type'] === 'ack') return { seq: Number(answer['seq']), ...valueIn(answer) };
  const details = Array.isArray(answer['details']) ? answer['details'] : [];
  return { code: String(answer['code']), paths: details.map(({ path }) => String(path)) };
}

const valueIn = ({ value }: Fields): { readonly value?: number } => (typeof value === 'number' ? { value } : {});

const byRoute: Way = {
  publish: (fields) => sendTo('publish', { action: 'publish', ...fields }),
  count: (counter, by, fields) =>
    by < 0
      ? sendTo('minus', { action: 'minus', counter, by: -by, ...fields })
      : sendTo('plus', { action: 'plus', counter, by, ...fields }),
};

async function outcomeOf(call: Promise<{ readonly seq: number; readonly value?: number }>): Promise<Outcome> {
  try {
    const { seq, value } = await call;
    return { seq, ...valueIn({ value }) };
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return { code: error.code, paths: error.details.map(({ path }) => path) };
  }
}

const byPublisher: Way = {
  publish: ({ topic, data, messages, ...options }) =>
    outcomeOf(
      Array.isArray(messages)
        ? publisher.publishAll(String(topic), messages, options)
        : publisher.publish(String(topic), data, options),
    ),
  count: (counter, by, options = {}) => outcomeOf(publisher.increment(counter, by, options)),
};

/** The publishes of a case, one after the other, to a topic that is new. */
const PUBLISHES: Readonly<Record<string, readonly Fields[]>> = {
  'a message': [{ data: { title: 'Lock 4' } }, { data: null }, { data: 'text' }],
  'text of any script': [{ data: 'Löck 4 ist 😀 offen' }],
  'a message of the largest size': [{ data: 'x'.repeat(28 * 1_024 - 2) }],
  'a message that is too large': [{ data: 'x'.repeat(28 * 1_024 - 1) }],
  'several messages': [{ messages: ['a', { b: [1] }, null] }, { messages: [1] }],
  'no messages': [{ messages: [] }],
  'too many messages': [{ messages: Array.from({ length: 51 }, (_, index) => index) }],
  'messages that are too large together': [{ messages: Array.from({ length: 2 }, () => 'x'.repeat(20_000)) }],
  'one key for one request': [
    { data: 1, key: 'k' },
    { data: 1, key: 'k' },
  ],
  'one key for another request': [
    { data: 1, key: 'k' },
    { data: 2, key: 'k' },
  ],
  'a key that is invalid': [{ data: 1, key: '' }],
};

describe('a route and the publisher of a back end', () => {
  it.each(Object.entries(PUBLISHES))('say the same of %s', async (_name, publishes) => {
    const outcomes = async ({ publish }: Way): Promise<Outcome[]> => {
      const topic = unusedName('news');
      const found: Outcome[] = [];
      for (const fields of publishes) found.push(await publish({ topic, ...fields }));
      return found;
    };

    expect(await outcomes(byPublisher)).toEqual(await outcomes(byRoute));
  });

  it.each(['', 'a b', 'counter:votes', 'x'.repeat(129)])('refuse the topic «%s» alike', async (topic) => {
    const refused = await byPublisher.publish({ topic, data: 1 });

    expect(refused).toEqual(await byRoute.publish({ topic, data: 1 }));
    expect(refused).toHaveProperty('code');
  });

  it('count alike, within bounds and up to them', async () => {
    const outcomes = async ({ count }: Way): Promise<Outcome[]> => {
      const counter = unusedName('votes');
      return [
        await count(counter, 3),
        await count(counter, -4, { min: 0 }),
        await count(counter, -3, { min: 0 }),
        await count(counter, 11, { max: 10 }),
        await count(counter, 2, { key: 'k' }),
        await count(counter, 2, { key: 'k' }),
      ];
    };

    const own = await outcomes(byPublisher);

    expect(own).toEqual(await outcomes(byRoute));
    expect(own).toMatchObject([{ value: 3 }, { code: 'out-of-bounds' }, { value: 0 }, {}, { value: 2 }, { value: 2 }]);
  });

  it.each([0, 0.5, Number.NaN, 9e15 + 2])('refuse to add %p alike', async (by) => {
    const counter = unusedName('votes');

    const refused = await byPublisher.count(counter, by);

    expect(refused).toEqual(await byRoute.count(counter, by));
    expect(refused).toMatchObject({ code: 'bad-frame' });
  });

  it('write the same record of the topic', async () => {
    const [one, other] = [unusedName('news'), unusedName('news')];
    await byRoute.publish({ topic: one, data: { a: 1 } });
    await byPublisher.publish({ topic: other, data: { a: 1 } });

    const heads = await Promise.all([one, other].map((topic) => findHead(engine.client, TABLE_NAMES.topics, topic)));

    expect(heads[1]).toEqual({
      ...heads[0],
      topic: other,
      epoch: expect.any(String),
      publishedAt: expect.anything(),
      traceId: heads[1]?.traceId,
    });
  });
});

describe('a publisher', () => {
  const unserializable = (): unknown => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    return circle;
  };

  it.each<[string, unknown]>([
    ['a cycle', unserializable()],
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['undefined', undefined],
  ])('refuses %s, which JSON cannot express, and writes nothing', async (_name, data) => {
    const topic = unusedName('news');

    await expect(publisher.publish(topic, data)).rejects.toMatchObject({ name: 'PublishError', code: 'bad-frame' });
    expect(await findHead(engine.client, TABLE_NAMES.topics, topic)).toBeUndefined();
  });

  it('says `unavailable` with the cause when DynamoDB cannot be reached', async () => {
    const lost = createPublisher({ client: engine.client, topicsTable: 'no-such-table' });

    const failed = lost.publish('news', 1);

    await expect(failed).rejects.toMatchObject({ code: 'unavailable', cause: { name: 'ResourceNotFoundException' } });
  });

  it('leaves the client that it was handed open', async () => {
    const other = createPublisher({ client: engine.client });
    other.close();

    await expect(publisher.publish(unusedName('news'), 1)).resolves.toMatchObject({ seq: 1 });
  });

  it('is not created without the name of a table', () => {
    const { TOPICS_TABLE: name, ...others } = process.env;
    process.env = others;

    expect(() => createPublisher({ client: engine.client })).toThrow('TOPICS_TABLE');
    process.env = { ...others, TOPICS_TABLE: name };
  });
});
