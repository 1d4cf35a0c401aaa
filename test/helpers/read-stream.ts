import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { decodeEngineRecord, type LambdaRecord } from '../../local/streams/stream-record.ts';
import { engineClientOptions } from './dynoxide.ts';
import type { StoreEngine } from './store-engine.ts';

/** All records of a table's stream so far, as Lambda would get them. */
export async function readStream(
  engine: Pick<StoreEngine, 'client' | 'endpoint'>,
  table: string,
): Promise<LambdaRecord[]> {
  const { Table } = await engine.client.send(new DescribeTableCommand({ TableName: table }));
  const streamArn = Table?.LatestStreamArn ?? '';
  const streams = new DynamoDBStreamsClient(engineClientOptions(engine));
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const records: LambdaRecord[] = [];
  for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
    const source = {
      streamArn,
      shardId: ShardId,
      region: 'eu-central-1',
      readAtMs: Date.now(),
      wasExpired: () => false,
    };
    for await (const record of readShard(streams, streamArn, ShardId)) {
      const decoded = decodeEngineRecord(record, source);
      if (decoded !== undefined) records.push(decoded.event);
    }
  }
  streams.destroy();
  return records;
}

async function* readShard(streams: DynamoDBStreamsClient, StreamArn: string, ShardId: string) {
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator: from } = await streams.send(new GetShardIteratorCommand(start));
  while (from !== undefined) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator: from }));
    const found = page.Records ?? [];
    if (found.length === 0) return;
    yield* found;
    from = page.NextShardIterator;
  }
}
