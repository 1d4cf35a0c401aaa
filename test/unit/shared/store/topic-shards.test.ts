import { type AttributeValue, DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { BadRecordError } from '../../../../shared/errors.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { createShardDirectory } from '../../../../shared/store/shard-directory.ts';
import {
  decodeShards,
  growTopic,
  isGrowth,
  shardsNeeded,
  type TopicShardsDeps,
} from '../../../../shared/store/topic-shards.ts';
import { findHead } from '../../../../shared/store/topics.ts';
import { readStream } from '../../../helpers/read-stream.ts';
import { openTopics, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const { SHARD_SUBSCRIPTIONS, MAX_SHARDS } = STORE_BOUNDS;
const NOW_MS = Date.UTC(2026, 10, 20, 12);

describe('growTopic', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = (): TopicShardsDeps => ({
    client: engine.client,
    topicsTable: TABLE_NAMES.topics,
    subscriptionsTable: TABLE_NAMES.subscriptions,
    now: () => NOW_MS,
  });
  const directory = (now = () => NOW_MS) =>
    createShardDirectory({ client: engine.client, table: TABLE_NAMES.subscriptions, now });
  const itemOf = async (topic: string): Promise<Record<string, AttributeValue>> =>
    (await engine.client.send(new GetItemCommand({ TableName: TABLE_NAMES.topics, Key: { topic: { S: topic } } })))
      .Item ?? {};
  const imagesOf = async (topic: string) =>
    (await readStream(engine, TABLE_NAMES.topics))
      // The image of an item without binary attributes is the item.
      .map(({ dynamodb }) => JSON.parse(JSON.stringify(dynamodb?.NewImage ?? {})) as Record<string, AttributeValue>)
      .filter((image) => image['topic']?.S === topic);

  it('gives a topic its shards, and its message stays what it was', async () => {
    await openTopics(engine).publish({ topic: 'grown', messages: ['"a"'] });
    const before = await findHead(engine.client, TABLE_NAMES.topics, 'grown');

    expect(await growTopic(deps(), 'grown', 4)).toBe(4);

    expect(decodeShards(await itemOf('grown'))).toBe(4);
    expect(await findHead(engine.client, TABLE_NAMES.topics, 'grown')).toEqual(before);
  });

  it('makes a record that is known from that of a message, before it and after it', async () => {
    const topics = openTopics(engine);
    await topics.publish({ topic: 'told', messages: ['1'] });
    await growTopic(deps(), 'told', 2);
    await topics.publish({ topic: 'told', messages: ['2'] });
    await growTopic(deps(), 'told', 4);
    await growTopic(deps(), 'told', 8);
    await topics.publish({ topic: 'told', messages: ['3'] });

    const images = await imagesOf('told');

    expect(images.map((image) => [image['seq']?.N, decodeShards(image), isGrowth(image)])).toEqual([
      ['1', 1, false],
      ['1', 2, true],
      ['2', 2, false],
      ['2', 4, true],
      ['2', 8, true],
      ['3', 8, false],
    ]);
  });

  it('never takes a shard away, and says how many there are', async () => {
    await growTopic(deps(), 'kept', 8);

    expect(await growTopic(deps(), 'kept', 2)).toBe(8);
    expect(decodeShards(await itemOf('kept'))).toBe(8);
  });

  it('tells the routes', async () => {
    await growTopic(deps(), 'heard/of', 16);

    expect(await directory()('heard/of')).toBe(16);
    expect(await directory()('not/heard/of')).toBe(1);
  });

  it('tells them again when the directory was lost', async () => {
    await growTopic(deps(), 'lost', 2);
    for (let page = 0; page < STORE_BOUNDS.DIRECTORY_PAGES; page++) {
      const Key = { connectionId: { S: `@shards#${page}` }, topic: { S: '@shards' } };
      await engine.client.send(new DeleteItemCommand({ TableName: TABLE_NAMES.subscriptions, Key }));
    }

    await growTopic(deps(), 'lost', 2);

    expect(await directory()('lost')).toBe(2);
  });

  it('lets the routes forget a topic while a connection can still outlive what they know, before its head expires', async () => {
    await growTopic(deps(), 'idle', 2);
    const expiresMs = Number((await itemOf('idle'))['expiresAt']?.N) * 1_000;
    const lastMs = expiresMs - STORE_BOUNDS.CONNECTION_SECONDS * 1_000;

    expect(await directory(() => lastMs - 1)('idle')).toBe(2);
    expect(await directory(() => lastMs)('idle')).toBe(1);
  });

  it('works before anyone published: the topic begins with its first message', async () => {
    await growTopic(deps(), 'early', 4);

    const before = await findHead(engine.client, TABLE_NAMES.topics, 'early');
    const first = await openTopics(engine).publish({ topic: 'early', messages: ['1'] });

    expect(before).toBeUndefined();
    expect(first.seq).toBe(1);
    expect((await imagesOf('early')).map((image) => [image['seq']?.N, isGrowth(image)])).toEqual([
      [undefined, false],
      ['1', false],
    ]);
  });

  it.each(['first', 'second'])('works before anyone published with a key, %s', async (name) => {
    const topic = `keyed/${name}`;
    const topics = openTopics(engine, { now: Date.now });
    // A writer that remembers a life of the topic which is over.
    if (name === 'second') {
      await topics.publish({ topic, messages: ['1'] }, 'k1');
      await engine.client.send(new DeleteItemCommand({ TableName: TABLE_NAMES.topics, Key: { topic: { S: topic } } }));
    }
    await growTopic(deps(), topic, 4);

    const published = await topics.publish({ topic, messages: ['2'] }, 'k2');

    expect(published.seq).toBe(1);
    expect(decodeShards(await itemOf(topic))).toBe(4);
  });

  it('keeps the shards of a counter through its increments', async () => {
    const topics = openTopics(engine);
    await topics.increment({ topic: 'counter:big', delta: 1 });
    await growTopic(deps(), 'counter:big', 2);
    const { value } = await topics.increment({ topic: 'counter:big', delta: 1 });

    const images = await imagesOf('counter:big');

    expect(value).toBe(2);
    expect(images.map((image) => [image['value']?.N, decodeShards(image), isGrowth(image)])).toEqual([
      ['1', 1, false],
      ['1', 2, true],
      ['2', 2, false],
    ]);
  });
});

describe('shardsNeeded', () => {
  it.each([
    [0, 1, 1],
    [SHARD_SUBSCRIPTIONS, 1, 1],
    [SHARD_SUBSCRIPTIONS + 1, 1, 2],
    [SHARD_SUBSCRIPTIONS + 1, 2, 2],
    [SHARD_SUBSCRIPTIONS * 5, 1, 8],
    [0, 64, 64],
    [1_000_000, 1, MAX_SHARDS],
    [SHARD_SUBSCRIPTIONS * MAX_SHARDS * 2, MAX_SHARDS, MAX_SHARDS],
    // Given by an operator, and no power of two.
    [SHARD_SUBSCRIPTIONS * MAX_SHARDS, 300, MAX_SHARDS],
  ])('of %i subscribers in %i shards are %i', (subscribers, shards, needed) => {
    expect(shardsNeeded(subscribers, shards)).toBe(needed);
  });
});

describe('decodeShards', () => {
  it.each([{ N: '0' }, { N: '-1' }, { N: '1.5' }, { N: String(MAX_SHARDS + 1) }, { S: '2' }])(
    'refuses %j: a foreign write must not make a broadcast read without end',
    (shards) => {
      expect(() => decodeShards({ shards })).toThrow(BadRecordError);
    },
  );
});
