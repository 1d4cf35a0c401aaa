import { DescribeTableCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { createTables } from '../../../../local/engine/create-tables.ts';
import type { Engine } from '../../../../local/engine/engine.ts';
import { startEngine } from '../../../../local/engine/start-engine.ts';
import {
  startStreamTrimmer,
  type StreamRetention,
  type StreamTrimmer,
} from '../../../../local/engine/stream-trimmer.ts';
import { clientFor, SUBSCRIPTIONS, TOPICS } from './sample-tables.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('startStreamTrimmer', () => {
  let engine: Engine;
  let client: DynamoDBClient;
  let streams: DynamoDBStreamsClient;
  let trimmer: StreamTrimmer;
  let warnings: string[];
  const terminal = { info: () => {}, warn: (text: string) => void warnings.push(text), lambdaLog: () => {} };

  beforeEach(async () => {
    warnings = [];
    engine = await startEngine({ engine: 'dynoxide' }, { terminal });
    client = clientFor(engine.endpoint);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    streams = new DynamoDBStreamsClient({ endpoint: engine.endpoint, region: 'us-east-1', credentials });
    await createTables([TOPICS, SUBSCRIPTIONS], client);
  });

  afterEach(async () => {
    await trimmer.stop();
    client.destroy();
    streams.destroy();
    await engine.stop();
  });

  interface Trimming {
    readonly passed: bigint | undefined;
    readonly retention?: Partial<StreamRetention>;
    readonly nowMs?: number;
  }

  async function trim({ passed, retention = {}, nowMs = Date.now() }: Trimming): Promise<number> {
    trimmer = await startStreamTrimmer(
      { databaseFile: engine.databaseFile ?? '', tables: [TOPICS.name, SUBSCRIPTIONS.name], retention },
      { passed: (table) => (table === TOPICS.name ? passed : undefined), now: () => nowMs, terminal },
    );
    return trimmer.trim();
  }

  const publish = () =>
    client.send(
      new UpdateItemCommand({
        TableName: TOPICS.name,
        Key: { topic: { S: 'news' } },
        UpdateExpression: 'ADD seq :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );

  async function publishTimes(count: number): Promise<void> {
    for (let time = 0; time < count; time += 1) await publish();
  }

  type From = {
    readonly ShardIteratorType: 'TRIM_HORIZON' | 'AFTER_SEQUENCE_NUMBER';
    readonly SequenceNumber?: string;
  };

  async function read(from: From = { ShardIteratorType: 'TRIM_HORIZON' }): Promise<number[]> {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: TOPICS.name }));
    const StreamArn = Table?.LatestStreamArn;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...from }));
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ dynamodb }) => Number(dynamodb?.SequenceNumber));
  }

  it('deletes what is passed, but for the newest so many', async () => {
    await publishTimes(20);

    const deleted = await trim({ passed: 20n, retention: { keepRecords: 5, batchRecords: 4 } });

    expect(deleted).toBe(15);
    expect(await read()).toEqual([16, 17, 18, 19, 20]);
  });

  it('never deletes what a consumer has not passed, however old or many', async () => {
    await publishTimes(20);

    const deleted = await trim({ passed: 3n, retention: { keepRecords: 1 }, nowMs: Date.now() + 2 * DAY_MS });

    expect(deleted).toBe(3);
    expect((await read())[0]).toBe(4);
  });

  it('keeps what is younger than a day, and of what is older the newest record alone', async () => {
    await publishTimes(12);

    const young = await trim({ passed: undefined });
    await trimmer.stop();
    const old = await trim({ passed: undefined, nowMs: Date.now() + DAY_MS + 1_000 });

    expect([young, old]).toEqual([0, 11]);
    expect(await read()).toEqual([12]);
  });

  it('leaves the numbering as it was', async () => {
    await publishTimes(12);
    await trim({ passed: 12n, retention: { keepRecords: 0 } });

    await publishTimes(2);

    expect(await read()).toEqual([12, 13, 14]);
  });

  it('lets a reader go on from a trimmed place with the oldest that is kept', async () => {
    await publishTimes(12);
    await trim({ passed: 12n, retention: { keepRecords: 3 } });

    const records = await read({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '4' });

    expect(records).toEqual([10, 11, 12]);
  });

  it('disturbs no writer, and is not stopped by them', async () => {
    await publishTimes(100);

    const writing = Promise.all([1, 2, 3, 4].map(() => publishTimes(50)));
    let deleted = await trim({ passed: 99n, retention: { keepRecords: 1, batchRecords: 5 } });
    await writing;
    // Records that were left because the engine was busy are deleted the next time.
    deleted += await trimmer.trim();

    expect(deleted).toBe(99);
    expect(await read()).toEqual(Array.from({ length: 201 }, (_, index) => 100 + index));
    expect(warnings).toEqual([]);
  });

  it('has nothing to do for a stream that is empty', async () => {
    expect(await trim({ passed: 0n })).toBe(0);
  });

  it('looks again by itself, and not any more once it is stopped', async () => {
    await publishTimes(5);
    const looked = Promise.withResolvers<void>();
    trimmer = await startStreamTrimmer(
      {
        databaseFile: engine.databaseFile ?? '',
        tables: [TOPICS.name],
        retention: { keepRecords: 1, trimEveryMs: 1 },
      },
      {
        passed: () => {
          looked.resolve();
          return 5n;
        },
        now: Date.now,
        terminal,
      },
    );

    await looked.promise;
    await trimmer.stop();

    expect(await read()).toEqual([5]);
  });
});
