import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '../shared/store/attributes.ts';
import { CLI_BOUNDS } from './bounds.ts';
import { OperatorError } from './operator-error.ts';

/**
 * The items of a table, every page to the end. Throws past SCANNED_ITEMS: an operator's look must not cost a day's budget. Reads
 * one page at a time, so that what it takes from a table's throughput stays small.
 */
export async function* scan(client: DynamoDBClient, input: ScanCommandInput): AsyncGenerator<Item> {
  let from: Item | undefined;
  let scanned = 0;
  do {
    const page = await client.send(
      new ScanCommand({ ...input, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
    );
    scanned += page.ScannedCount ?? 0;
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
    if (from !== undefined && scanned >= CLI_BOUNDS.SCANNED_ITEMS) {
      throw new OperatorError(`${input.TableName} has over ${scanned} items: too many to look through one by one.`);
    }
  } while (from !== undefined);
}
