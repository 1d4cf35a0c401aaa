import {
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type _Record as EngineRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { Checkpoint } from './checkpoints.ts';
import { errorNameOf } from './engine-errors.ts';
import type { RecordsPage } from './get-records.ts';
import type { MappingContext } from './mapping-context.ts';
import { sequenceNumberOf } from './stream-record.ts';

/** The API's limit for the records of one GetRecords. */
const RECORDS_PER_PAGE = 1_000;

/** The records of one GetRecords. */
export interface ShardPage {
  /** The new records, without those of earlier pages. */
  readonly records: readonly EngineRecord[];
  /** Whether the page is full, so that more records are likely to follow. */
  readonly full: boolean;
  /** Whether the engine returned no records: the only proof that everything is read. */
  readonly empty: boolean;
  /** Whether the shard is closed and read to its end. */
  readonly ended: boolean;
}

/** A reader of one shard, page by page from a checkpoint on. */
export interface ShardReader {
  /** Reads the next page. Rejects with the engine's error; the next call then continues from the same position. */
  readonly read: () => Promise<ShardPage>;
}

/** Creates a reader, which replaces iterators that have expired or that the engine no longer knows. */
export function createShardReader(
  { shardId, from }: { readonly shardId: string; readonly from: Checkpoint },
  context: MappingContext,
): ShardReader {
  let position = from;
  let lastRead = from.at === 'after' ? BigInt(from.sequenceNumber) : undefined;
  let iterator: string | undefined;
  const readOnce = async (): Promise<ShardPage> => {
    iterator ??= await openIterator({ shardId, position }, context);
    const answer = await getRecords(iterator, context);
    iterator = answer.NextShardIterator;
    return accept(answer);
  };
  const accept = (answer: RecordsPage): ShardPage => {
    const records = (answer.Records ?? []).filter((record) => isNew(record, lastRead));
    const last = records.at(-1);
    if (last !== undefined) {
      position = { at: 'after', sequenceNumber: sequenceNumberOf(last) };
      lastRead = BigInt(position.sequenceNumber);
    }
    const count = (answer.Records ?? []).length;
    return {
      records,
      full: count >= RECORDS_PER_PAGE,
      empty: count === 0,
      ended: answer.NextShardIterator === undefined,
    };
  };
  // A refused connection keeps the iterator: a new one at LATEST would skip the records written in the meantime.
  const recover = (error: unknown): boolean => {
    const name = errorNameOf(error);
    if (name === 'TrimmedDataAccessException') position = afterTrimming(position, { shardId, context });
    else if (name !== 'ExpiredIteratorException' && name !== 'ValidationException') return false;
    iterator = undefined;
    return true;
  };
  const read = async (): Promise<ShardPage> => {
    try {
      return await readOnce();
    } catch (error) {
      if (!recover(error)) throw error;
      return await readOnce();
    }
  };
  return { read };
}

/**
 * Returns the position after a TrimmedDataAccessException. After a checkpoint, it means that records were trimmed after
 * 24 hours. At LATEST, DynamoDB Local throws it for every read of a stream that is still empty.
 */
function afterTrimming(
  position: Checkpoint,
  { shardId, context }: { readonly shardId: string; readonly context: MappingContext },
): Checkpoint {
  if (position.at === 'after') {
    context.terminal.warn(`Stream of ${context.tableName}: records of ${shardId} were trimmed before they were read`);
  }
  return { at: 'trim-horizon' };
}

function isNew(record: EngineRecord, lastRead: bigint | undefined): boolean {
  return lastRead === undefined || BigInt(sequenceNumberOf(record)) > lastRead;
}

function getRecords(iterator: string, { getRecords: get, stopping }: MappingContext): Promise<RecordsPage> {
  return get({ ShardIterator: iterator, Limit: RECORDS_PER_PAGE }, stopping);
}

async function openIterator(
  { shardId, position }: { readonly shardId: string; readonly position: Checkpoint },
  { key, streams, stopping }: MappingContext,
): Promise<string> {
  const input = { StreamArn: key.streamArn, ShardId: shardId, ...iteratorAt(position) };
  const answer = await streams.send(new GetShardIteratorCommand(input), { abortSignal: stopping });
  if (answer.ShardIterator === undefined) throw new Error(`The engine gave no iterator for ${shardId}`);
  return answer.ShardIterator;
}

function iteratorAt(position: Checkpoint): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'SequenceNumber'> {
  if (position.at === 'latest') return { ShardIteratorType: 'LATEST' };
  if (position.at !== 'after') return { ShardIteratorType: 'TRIM_HORIZON' };
  return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.sequenceNumber };
}
