import {
  DynamoDBStreamsClient,
  GetShardIteratorCommand,
  DescribeStreamCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { getRecordsBy, openDirectWay } from '../../../../local/streams/get-records.ts';
import { engineClientOptions } from '../../../helpers/dynoxide.ts';
import { StreamBench, TABLE } from '../../../helpers/stream-bench.ts';

const SIGNAL = new AbortController().signal;

describe('the direct way to the records of a stream', () => {
  let bench: StreamBench;
  let client: DynamoDBStreamsClient;
  let direct: ReturnType<typeof openDirectWay>;

  beforeEach(async () => {
    bench = await StreamBench.start();
    client = new DynamoDBStreamsClient({ ...engineClientOptions(bench.engine), maxAttempts: 1 });
    direct = openDirectWay({ endpoint: bench.engine.endpoint, region: 'eu-central-1', timeoutMs: 5_000 });
  });

  afterEach(async () => {
    direct.destroy();
    client.destroy();
    await bench.stop();
  });

  async function iterator(): Promise<string> {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: bench.streamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const at = { StreamArn: bench.streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    return (await client.send(new GetShardIteratorCommand(at))).ShardIterator ?? '';
  }

  test('gives the same records as the official client, whatever the types of their attributes', async () => {
    const bytes = Buffer.from([0, 1, 254]);
    const Item = {
      topic: { S: 'ä "quoted"' },
      number: { N: '12345678901234567890.5' },
      bytes: { B: bytes },
      sets: { M: { bytes: { BS: [bytes] }, numbers: { NS: ['1', '2'] }, texts: { SS: ['a'] } } },
      list: { L: [{ B: bytes }, { NULL: true }, { BOOL: false }, { M: {} }] },
    };
    await bench.dynamo().send(new PutItemCommand({ TableName: TABLE, Item }));
    const input = { ShardIterator: await iterator() };

    const expected = await getRecordsBy(client)(input, SIGNAL);
    const page = await direct.getRecords(input, SIGNAL);

    expect(page.Records).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(page.Records))).toEqual(JSON.parse(JSON.stringify(expected.Records)));
    expect(page.NextShardIterator === undefined).toBe(expected.NextShardIterator === undefined);
  });

  test('keeps the value of an attribute whose name is __proto__, which the official client loses', async () => {
    await bench.putJson('{"topic":{"S":"a"},"__proto__":{"S":"kept"}}');

    const { Records: [record] = [] } = await direct.getRecords({ ShardIterator: await iterator() }, SIGNAL);

    expect(Object.entries(record?.dynamodb?.NewImage ?? {})).toContainEqual(['__proto__', { S: 'kept' }]);
  });

  test('rejects with the name that the official client gives the refusal', async () => {
    const input = { ShardIterator: 'nonsense' };
    const refused = await getRecordsBy(client)(input, SIGNAL).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(Error);
    await expect(direct.getRecords(input, SIGNAL)).rejects.toMatchObject({
      name: refused instanceof Error ? refused.name : '',
    });
  });

  test('rejects with the code of a broken socket when nobody listens', async () => {
    const nobody = openDirectWay({ endpoint: 'http://127.0.0.1:1', region: 'eu-central-1', timeoutMs: 5_000 });

    await expect(nobody.getRecords({ ShardIterator: 'x' }, SIGNAL)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    nobody.destroy();
  });
});
