import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { findHead } from '../../../../shared/store/topics.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { readStream } from '../../../helpers/read-stream.ts';
import { openTopics, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

describe('publish', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);

  const expiryOf = async (topic: string): Promise<number> => {
    const command = new GetItemCommand({ TableName: TABLE_NAMES.topics, Key: { topic: { S: topic } } });
    return Number((await engine.client.send(command)).Item?.['expiresAt']?.N);
  };

  it('gives concurrent writers every seq once, without holes, in one epoch', async () => {
    const writers = Array.from({ length: 8 }, () => openTopics(engine));

    const positions = await Promise.all(
      writers.flatMap((writer, w) =>
        Array.from({ length: 10 }, (_, i) => writer.publish({ topic: 'crowd', messages: [`"${w}-${i}"`] })),
      ),
    );

    expect(positions.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('leaves one stream record for each publish, in the order of seq', async () => {
    const writers = [openTopics(engine), openTopics(engine)];
    await Promise.all(
      writers.flatMap((writer) => [1, 2, 3].map((i) => writer.publish({ topic: 'streamed', messages: [`${i}`] }))),
    );

    const records = await readStream(engine, TABLE_NAMES.topics);

    const images = records.map(({ dynamodb }) => dynamodb.NewImage as Record<string, { S?: string; N?: string }>);
    const seqs = images.filter((image) => image['topic']?.S === 'streamed').map((image) => image['seq']?.N);
    expect(seqs).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('stores what was published, and when', async () => {
    const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0, 123);
    const topics = openTopics(engine, { now: () => nowMs, newEpoch: () => 'first' });

    const position = await topics.publish({ topic: 'stored', messages: ['{"a":1}'], exclude: 'C1=' });

    expect(position).toEqual({ epoch: 'first', seq: 1 });
    expect(await headOf('stored')).toEqual({
      kind: 'message',
      topic: 'stored',
      epoch: 'first',
      seq: 1,
      publishedAt: nowMs,
      message: '{"a":1}',
      exclude: 'C1=',
    });
  });

  it('gives messages that are published at once consecutive seqs, by one call and one record', async () => {
    const client = engine.newClient();
    const commands: string[] = [];
    intercept(client, ({ command, proceed }) => {
      commands.push(command);
      return proceed();
    });
    const topics = openTopics(engine, { client, unretriedClient: client });
    await topics.publish({ topic: 'several', messages: ['0'] });

    const position = await topics.publish({ topic: 'several', messages: ['1', '2', '3'], exclude: 'C1=' });
    const head = await headOf('several');
    const after = await topics.publish({ topic: 'several', messages: ['4'] });

    expect([position.seq, after.seq]).toEqual([4, 5]);
    expect(commands.filter((command) => command === 'UpdateItemCommand')).toHaveLength(3);
    const earlier = [1, 2].map((n) => ({ seq: n + 1, message: `${n}`, exclude: 'C1=' }));
    expect(head).toMatchObject({ kind: 'message', seq: 4, message: '3', exclude: 'C1=', earlier });
    expect(await headOf('several')).not.toHaveProperty('earlier');
    const images = (await readStream(engine, TABLE_NAMES.topics)).map(({ dynamodb }) => dynamodb.NewImage);
    expect(images.filter((image) => image?.['topic']?.['S'] === 'several')).toHaveLength(3);
  });

  it('begins a new epoch at 1 after the item was deleted', async () => {
    const topics = openTopics(engine);
    const before = await topics.publish({ topic: 'reborn', messages: ['1'] });
    await topics.publish({ topic: 'reborn', messages: ['2'] });
    await engine.client.send(new DeleteItemCommand({ TableName: TABLE_NAMES.topics, Key: { topic: { S: 'reborn' } } }));

    const after = await topics.publish({ topic: 'reborn', messages: ['3'] });

    expect(after.seq).toBe(1);
    expect(after.epoch).not.toBe(before.epoch);
  });

  it('keeps no sender of an earlier message in the head', async () => {
    const topics = openTopics(engine);
    await topics.publish({ topic: 'senders', messages: ['1'], exclude: 'C1=' });

    await topics.publish({ topic: 'senders', messages: ['2'] });
    const second = await headOf('senders');
    await topics.publish({ topic: 'senders', messages: ['3'], exclude: 'C3=' });
    const third = await headOf('senders');

    expect(second).not.toHaveProperty('exclude');
    expect(third).toMatchObject({ seq: 3, exclude: 'C3=' });
  });

  it('moves the expiry on with each publish', async () => {
    let nowMs = Date.UTC(2026, 10, 20);
    const topics = openTopics(engine, { now: () => nowMs });
    await topics.publish({ topic: 'expiring', messages: ['1'] });
    const first = await expiryOf('expiring');
    nowMs += 5_000;

    await topics.publish({ topic: 'expiring', messages: ['2'] });

    expect(first).toBe(Date.UTC(2026, 10, 20) / 1_000 + STORE_BOUNDS.TOPIC_IDLE_SECONDS);
    expect(await expiryOf('expiring')).toBe(first + 5);
  });

  it('takes one call, and reads nothing', async () => {
    const client = engine.newClient();
    const commands: string[] = [];
    intercept(client, ({ command, proceed }) => {
      commands.push(command);
      return proceed();
    });
    const topics = openTopics(engine, { client, unretriedClient: client });

    await topics.publish({ topic: 'one-call', messages: ['1'] });

    expect(commands).toEqual(['UpdateItemCommand']);
  });

  it('tells nothing of a topic that nobody published to', async () => {
    expect(await headOf('never-published')).toBeUndefined();
  });
});
