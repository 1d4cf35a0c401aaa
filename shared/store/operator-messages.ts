import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { lenient, text, wholeNumber } from './item-schema.ts';
import { type MessageRange, type MessageStoreDeps, queryRange } from './messages.ts';
import { type ScanDeps, scan } from './operator-scan.ts';
import { query } from './query.ts';
import { MESSAGES } from './schema.ts';

/** The position of a message in the archive. */
export interface ArchivedPosition {
  readonly topic: string;
  readonly seq: number;
}

const SEQ_AND_EPOCH = { [MESSAGES.sortKey]: wholeNumber, epoch: lenient(text) } as const;

/** Reads the archived item at a position, of whatever epoch, strongly consistent. */
export async function findArchived(
  deps: MessageStoreDeps,
  { topic, seq }: ArchivedPosition,
): Promise<Item | undefined> {
  const { Item: found } = await deps.client.send(
    new GetItemCommand({ TableName: deps.table, Key: keyOf(topic, seq), ConsistentRead: true }),
  );
  return found;
}

/** Returns whether the archive has an item at a position, strongly consistent. */
export async function isArchived(deps: MessageStoreDeps, { topic, seq }: ArchivedPosition): Promise<boolean> {
  const { Item: found } = await deps.client.send(
    new GetItemCommand({
      TableName: deps.table,
      Key: keyOf(topic, seq),
      ProjectionExpression: MESSAGES.partitionKey,
      ConsistentRead: true,
    }),
  );
  return found !== undefined;
}

/** Returns whether the archive has an item of the topic before this seq, strongly consistent. */
export async function hasOlderArchived(deps: MessageStoreDeps, { topic, seq }: ArchivedPosition): Promise<boolean> {
  const { Count = 0 } = await deps.client.send(
    new QueryCommand({
      TableName: deps.table,
      KeyConditionExpression: '#topic = :topic AND #seq < :seq',
      ExpressionAttributeNames: { '#topic': MESSAGES.partitionKey, '#seq': MESSAGES.sortKey },
      ExpressionAttributeValues: encodeItem({ ':topic': topic, ':seq': seq }),
      Limit: 1,
      ConsistentRead: true,
    }),
  );
  return Count > 0;
}

/** Lists the seqs of a topic's epoch that the archive has after `afterSeq`, ascending, strongly consistent. */
export async function listArchivedSeqs(
  deps: MessageStoreDeps,
  { topic, epoch, afterSeq }: { readonly topic: string; readonly epoch: string; readonly afterSeq: number },
): Promise<Set<number>> {
  const items = query(deps.client, {
    TableName: deps.table,
    KeyConditionExpression: '#topic = :topic AND #seq > :after',
    ProjectionExpression: '#seq, #epoch',
    ExpressionAttributeNames: { '#topic': MESSAGES.partitionKey, '#seq': MESSAGES.sortKey, '#epoch': 'epoch' },
    ExpressionAttributeValues: encodeItem({ ':topic': topic, ':after': afterSeq }),
    ConsistentRead: true,
  });
  const seqs = new Set<number>();
  for await (const item of items) {
    const found = decodeItem(SEQ_AND_EPOCH, item);
    if (found.epoch === epoch) seqs.add(found.seq);
  }
  return seqs;
}

/** Returns the archived items of a range, of its epoch only, in the order of `seq`. */
export async function* listArchived(
  deps: MessageStoreDeps,
  { epoch, ...range }: Omit<MessageRange, 'bytes'>,
): AsyncGenerator<Item> {
  for await (const item of queryRange(deps, range)) {
    // An earlier epoch of the topic may have left messages with these seqs.
    if (decodeItem({ epoch: lenient(text) }, item).epoch === epoch) yield item;
  }
}

/**
 * Scans the archive for the items that were published in a span of time. The archive is by topic: all of it is read.
 */
export const scanArchived = (
  deps: ScanDeps,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<Item> =>
  scan(deps, {
    FilterExpression: '#at BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#at': 'publishedAt' },
    ExpressionAttributeValues: encodeItem({ ':from': fromMs, ':to': toMs }),
  });

const keyOf = (topic: string, seq: number) => encodeItem({ [MESSAGES.partitionKey]: topic, [MESSAGES.sortKey]: seq });
