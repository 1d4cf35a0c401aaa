import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as EngineRecord,
} from '@aws-sdk/client-dynamodb-streams';

/** A shard of a stream in memory. Records may be added while it is read. */
export interface ScriptedShard {
  readonly id: string;
  readonly parent?: string;
  readonly records: EngineRecord[];
  closed: boolean;
}

export interface ScriptedStream {
  readonly client: DynamoDBStreamsClient;
  /** Each GetRecords in order, by shard. */
  readonly reads: string[];
  /** Errors for the next calls of any operation, in order; undefined lets a call through. */
  readonly failures: (Error | undefined)[];
  readonly shards: ScriptedShard[];
}

export interface ScriptedStreamOptions {
  readonly pageSize?: number;
  /** The number of shards in a page of DescribeStream. */
  readonly shardsPerPage?: number;
}

/** An in-memory stand-in for the streams API with lineage, paging and scripted failures. */
export function createScriptedStream(shards: ScriptedShard[], options: ScriptedStreamOptions = {}): ScriptedStream {
  const { pageSize = 1_000, shardsPerPage = 100 } = options;
  const reads: string[] = [];
  const failures: (Error | undefined)[] = [];
  const shardNamed = (id: string | undefined): ScriptedShard => {
    const shard = shards.find((each) => each.id === id);
    if (shard === undefined) throw awsError('ResourceNotFoundException');
    return shard;
  };
  const describe = (after: string | undefined): unknown => {
    const start = after === undefined ? 0 : shards.findIndex(({ id }) => id === after) + 1;
    const page = shards.slice(start, start + shardsPerPage);
    const Shards = page.map(({ id, parent, records }) => ({
      ShardId: id,
      ParentShardId: parent,
      SequenceNumberRange: { StartingSequenceNumber: records[0]?.dynamodb?.SequenceNumber },
    }));
    const last = start + shardsPerPage < shards.length ? page.at(-1)?.id : undefined;
    return { StreamDescription: { Shards, LastEvaluatedShardId: last } };
  };
  const open = ({ input }: GetShardIteratorCommand): unknown => {
    const { records } = shardNamed(input.ShardId);
    const after = BigInt(input.SequenceNumber ?? -1);
    const found = records.findIndex((record) => BigInt(record.dynamodb?.SequenceNumber ?? 0) > after);
    const index = input.ShardIteratorType === 'LATEST' || found === -1 ? records.length : found;
    return { ShardIterator: `${input.ShardId}#${index}` };
  };
  const read = ({ input }: GetRecordsCommand): unknown => {
    const [id, at] = (input.ShardIterator ?? '').split('#');
    const shard = shardNamed(id);
    reads.push(shard.id);
    const next = Number(at) + pageSize;
    const Records = shard.records.slice(Number(at), next);
    const ended = shard.closed && next >= shard.records.length;
    return { Records, NextShardIterator: ended ? undefined : `${id}#${Number(at) + Records.length}` };
  };
  const send = async (command: unknown): Promise<unknown> => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    if (command instanceof DescribeStreamCommand) return describe(command.input.ExclusiveStartShardId);
    if (command instanceof GetShardIteratorCommand) return open(command);
    if (command instanceof GetRecordsCommand) return read(command);
    throw new Error('not scripted');
  };
  const client = Object.assign(new DynamoDBStreamsClient({ region: 'eu-central-1' }), { send });
  return { client, reads, failures, shards };
}

/** An error as the SDK throws it. */
export function awsError(name: string): Error {
  return Object.assign(new Error(name), { name });
}

export interface RecordOptions {
  readonly sequence: number | bigint;
  readonly item?: string;
  readonly value?: string;
  readonly createdAtMs?: number;
}

/** An INSERT as GetRecords gives it. */
export function makeEngineRecord({ sequence, item = 'a', value = 'v', createdAtMs }: RecordOptions): EngineRecord {
  return {
    eventID: String(sequence),
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      ApproximateCreationDateTime: new Date(createdAtMs ?? Date.UTC(2026, 10, 20)),
      Keys: { topic: { S: item } },
      NewImage: { topic: { S: item }, value: { S: value } },
      SequenceNumber: String(sequence),
      SizeBytes: 1,
      StreamViewType: 'NEW_IMAGE',
    },
  };
}
