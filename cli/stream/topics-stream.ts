import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { describeStream } from '../../shared/store/operator-tables.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import { decodeTopicRecords, type TopicRecord } from './topic-record.ts';

/** The stream of Topics. */
export interface TopicsStream {
  readonly client: DynamoDBStreamsClient;
  readonly arn: string;
}

/** A shard of the stream, as far as reading needs it. */
export interface StreamShard {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly firstNumber: bigint | undefined;
  /** The last number of a closed shard. One engine names one for an open shard too. */
  readonly lastNumber: bigint | undefined;
  /** Whether the shard was closed and continues in another. */
  readonly hasChild: boolean;
}

/** The position in a shard from which reading begins. */
export type ShardPosition = { readonly at: 'oldest' } | { readonly at: 'newest' } | { readonly after: string };

/** A page of a shard's records. */
export interface RecordPage {
  readonly records: readonly TopicRecord[];
  /** The iterator of the next page; undefined at the end of a closed shard. */
  readonly next: string | undefined;
}

/** Finds the stream. Throws OperatorError when the table has none. */
export async function findTopicsStream({ stack, dynamodb, streams }: Backend): Promise<TopicsStream> {
  const table = stack.resources.topicsTable;
  const { arn } = await describeStream(dynamodb, table);
  if (arn !== undefined) return { client: streams, arn };
  throw new OperatorError(`${table} has no stream: nothing is delivered. Deploy the stack again.`);
}

/** Lists all shards, every page to the end, parents before their children. */
export async function listStreamShards({ client, arn }: TopicsStream): Promise<StreamShard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: arn, ExclusiveStartShardId: after }),
    );
    shards.push(...(StreamDescription?.Shards ?? []));
    after = StreamDescription?.LastEvaluatedShardId;
  } while (after !== undefined && shards.length < CLI_BOUNDS.SHARDS);
  const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
  return inLineage(shards.map((shard) => decodeShard(shard, parents)));
}

const decodeShard = (
  { ShardId = '', ParentShardId, SequenceNumberRange: range }: Shard,
  parents: ReadonlySet<string | undefined>,
): StreamShard => ({
  id: ShardId,
  parentId: ParentShardId,
  firstNumber: numberOf(range?.StartingSequenceNumber),
  lastNumber: numberOf(range?.EndingSequenceNumber),
  hasChild: parents.has(ShardId),
});

const numberOf = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : BigInt(text));

/** Sorts parents before children: an item's changes continue in the child of their shard. */
function inLineage(shards: readonly StreamShard[]): StreamShard[] {
  const waiting = new Map(shards.map((shard) => [shard.id, shard]));
  const ordered: StreamShard[] = [];
  const add = (shard: StreamShard): void => {
    if (!waiting.delete(shard.id)) return;
    const parent = shard.parentId === undefined ? undefined : waiting.get(shard.parentId);
    if (parent !== undefined) add(parent);
    ordered.push(shard);
  };
  for (const shard of shards) add(shard);
  return ordered;
}

/** Opens a shard at a position; resolves to the iterator of its first page. */
export async function openShard(
  { client, arn }: TopicsStream,
  shardId: string,
  position: ShardPosition,
): Promise<string | undefined> {
  const input = { StreamArn: arn, ShardId: shardId, ...iteratorAt(position) };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator;
}

function iteratorAt(
  position: ShardPosition,
): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'SequenceNumber'> {
  if ('after' in position) return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.after };
  return { ShardIteratorType: position.at === 'oldest' ? 'TRIM_HORIZON' : 'LATEST' };
}

/** Reads one page of a shard. */
export async function readPage({ client }: TopicsStream, iterator: string): Promise<RecordPage> {
  const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  return { records: Records.flatMap(decodeTopicRecords), next: NextShardIterator };
}
