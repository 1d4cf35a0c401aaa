import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { runBounded } from '../run-bounded.ts';
import { STORE_BOUNDS } from './bounds.ts';

/**
 * Writes any number of items, none of them twice. Items that DynamoDB leaves unprocessed are written again, within a
 * bound. Resolves to the requests that still were not written; rejects when a call fails.
 */
export async function batchWrite(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
): Promise<WriteRequest[]> {
  const left = await runBounded(chunks(requests), STORE_BOUNDS.BATCH_WRITE_CONCURRENCY, (chunk) =>
    writeChunk(client, table, chunk),
  );
  return left.flat();
}

async function writeChunk(client: DynamoDBClient, table: string, chunk: WriteRequest[]): Promise<WriteRequest[]> {
  let left = chunk;
  for (let attempt = 1; left.length > 0 && attempt <= STORE_BOUNDS.BATCH_WRITE_ATTEMPTS; attempt++) {
    if (attempt > 1) await backOff(attempt - 1, { baseMs: STORE_BOUNDS.BATCH_WRITE_BACKOFF_MS, capMs: 1_000 });
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    left = UnprocessedItems?.[table] ?? [];
  }
  return left;
}

function chunks(requests: readonly WriteRequest[]): WriteRequest[][] {
  const size = STORE_BOUNDS.BATCH_WRITE_ITEMS;
  return Array.from({ length: Math.ceil(requests.length / size) }, (_, i) => requests.slice(i * size, (i + 1) * size));
}
