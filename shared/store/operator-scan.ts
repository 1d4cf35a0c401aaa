import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.ts';

/** The dependencies of a scan. */
export interface ScanDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The number of items after which a scan is refused. */
  readonly maxItems: number;
}

/** A table has more items than an operator's command may scan. */
export class TooManyItemsError extends Error {
  override readonly name = 'TooManyItemsError';
}

/**
 * Scans a table, every page to the end. Throws TooManyItemsError past `maxItems`: one command must not cost a day's
 * budget. Reads one page at a time, so that it takes only a small share of the table's throughput.
 */
export async function* scan(
  { client, table, maxItems }: ScanDeps,
  input: Omit<ScanCommandInput, 'TableName'> = {},
): AsyncGenerator<Item> {
  let from: ScanCommandInput['ExclusiveStartKey'];
  let scanned = 0;
  do {
    const page = await client.send(new ScanCommand({ ...input, TableName: table, ExclusiveStartKey: from }));
    scanned += page.ScannedCount ?? 0;
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
    if (from !== undefined && scanned >= maxItems) {
      throw new TooManyItemsError(`${table} has over ${scanned} items: too many to look through one by one.`);
    }
  } while (from !== undefined);
}
