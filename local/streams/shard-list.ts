import { DescribeStreamCommand, type Shard } from '@aws-sdk/client-dynamodb-streams';
import type { Checkpoint } from './checkpoints.ts';
import type { MappingContext } from './mapping-context.ts';

/** The API's limit for the shards of one page. */
const SHARDS_PER_PAGE = 100;
/** Maximum number of pages. A stream lists the shards of the last 24 hours; more than 10,000 are refused. */
const MAX_PAGES = 100;

/** A shard in the list of a stream. */
export interface ListedShard {
  readonly shardId: string;
  readonly parentShardId?: string;
  readonly startingSequenceNumber?: string;
  readonly endingSequenceNumber?: string;
}

/** Returns all shards that the stream lists. */
export async function listShards(context: MappingContext): Promise<readonly ListedShard[]> {
  const shards: ListedShard[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { StreamArn: context.key.streamArn, Limit: SHARDS_PER_PAGE, ExclusiveStartShardId: after };
    const answer = await context.streams.send(new DescribeStreamCommand(input), { abortSignal: context.stopping });
    shards.push(...(answer.StreamDescription?.Shards ?? []).flatMap(decodeShard));
    after = answer.StreamDescription?.LastEvaluatedShardId;
    if (after === undefined) return shards;
  }
  throw new Error(`The stream of ${context.tableName} lists more than ${MAX_PAGES * SHARDS_PER_PAGE} shards`);
}

/** Returns the shards that may be read now: those not finished whose parent is finished or no longer listed. */
export function findReadyShards(
  shards: readonly ListedShard[],
  checkpointOf: (shardId: string) => Checkpoint | undefined,
): readonly ListedShard[] {
  const unfinished = shards.filter(({ shardId }) => checkpointOf(shardId)?.at !== 'finished');
  const blocking = new Set(unfinished.map(({ shardId }) => shardId));
  return unfinished.filter(({ parentShardId }) => parentShardId === undefined || !blocking.has(parentShardId));
}

/**
 * Returns the first checkpoint of a shard. LATEST applies to the shards of the mapping's first start. Later shards are
 * children, whose first records LATEST would miss. Where the engine gives a sequence number, the checkpoint is fixed to
 * it, so that a restart before the first record continues from there.
 */
export function startingCheckpoint(shard: ListedShard, startAtLatest: boolean): Checkpoint {
  if (!startAtLatest) return { at: 'trim-horizon' };
  if (shard.endingSequenceNumber !== undefined) return { at: 'after', sequenceNumber: shard.endingSequenceNumber };
  return shard.startingSequenceNumber === undefined ? { at: 'trim-horizon' } : { at: 'latest' };
}

function decodeShard({ ShardId, ParentShardId, SequenceNumberRange: range }: Shard): readonly ListedShard[] {
  if (ShardId === undefined) return [];
  const start = range?.StartingSequenceNumber;
  const end = range?.EndingSequenceNumber;
  return [
    {
      shardId: ShardId,
      ...(ParentShardId !== undefined && { parentShardId: ParentShardId }),
      ...(start !== undefined && { startingSequenceNumber: start }),
      ...(end !== undefined && { endingSequenceNumber: end }),
    },
  ];
}
