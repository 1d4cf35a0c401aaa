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
import { decodeStreamRecord, type TopicRecord } from './topic-record.ts';

/** The stream of Topics. */
export interface TopicsStream {
  readonly client: DynamoDBStreamsClient;
  readonly arn: string;
}

/** A shard, as far as reading it needs. */
export interface StreamShard {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly firstNumber: bigint | undefined;
  /** Of one that is closed; of one engine also of one that is open. */
  readonly lastNumber: bigint | undefined;
  /** It was closed, and went on in another. */
  readonly hasChild: boolean;
}

/** Where in a shard reading begins. */
export type ShardPlace = { readonly at: 'oldest' } | { readonly at: 'newest' } | { readonly after: string };

export interface ShardPage {
  readonly records: readonly TopicRecord[];
  /** What the next page is read by; undefined at the end of a closed shard. */
  readonly next: string | undefined;
}

/** Finds the stream. Throws OperatorError when there is none. */
export async function findTopicsStream({ stack, dynamodb, streams }: Backend): Promise<TopicsStream> {
  const table = stack.resources.topicsTable;
  const { arn } = await describeStream(dynamodb, table);
  if (arn !== undefined) return { client: streams, arn };
  throw new OperatorError(`${table} has no stream: nothing is delivered. Deploy the stack again.`);
}

/** All shards, every page to the end, parents before their children. */
export async function listShards({ client, arn }: TopicsStream): Promise<StreamShard[]> {
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

/** An item's changes go on in the child of the shard that they began in. */
function inLineage(shards: readonly StreamShard[]): StreamShard[] {
  const waiting = new Map(shards.map((shard) => [shard.id, shard]));
  const ordered: StreamShard[] = [];
  const place = (shard: StreamShard): void => {
    if (!waiting.delete(shard.id)) return;
    const parent = shard.parentId === undefined ? undefined : waiting.get(shard.parentId);
    if (parent !== undefined) place(parent);
    ordered.push(shard);
  };
  for (const shard of shards) place(shard);
  return ordered;
}

/** Opens a shard at a place; resolves to what its first page is read by. */
export async function openShard(
  { client, arn }: TopicsStream,
  shardId: string,
  place: ShardPlace,
): Promise<string | undefined> {
  const input = { StreamArn: arn, ShardId: shardId, ...iteratorAt(place) };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator;
}

function iteratorAt(place: ShardPlace): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'SequenceNumber'> {
  if ('after' in place) return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: place.after };
  return { ShardIteratorType: place.at === 'oldest' ? 'TRIM_HORIZON' : 'LATEST' };
}

/** One page of a shard. */
export async function readPage({ client }: TopicsStream, iterator: string): Promise<ShardPage> {
  const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  return { records: Records.flatMap(decodeStreamRecord), next: NextShardIterator };
}
