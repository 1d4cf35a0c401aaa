import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { TableModel, Terminal } from '../model.ts';

/** Time in ms between two sweeps, 30,000. AWS takes up to "a few days"; nothing may rely on a fast deletion. */
const SWEEP_INTERVAL_MS = 30_000;

/** Items in one page, 500: a sweep holds no more in memory. */
const PAGE_ITEMS = 500;

/** Age in seconds of the oldest expiry that counts, five years. DynamoDB keeps an item with an older one. */
const EXPIRY_MAXIMUM_AGE_SECONDS = 5 * 365 * 24 * 60 * 60;

type Key = Readonly<Record<string, AttributeValue>>;

/** The dependencies of the TTL sweeper. */
export interface SweeperDeps {
  /** Returns the time in epoch ms. */
  readonly now: () => number;
  /** Called before each deletion, so that the poller can add the `userIdentity` of AWS to its record. */
  readonly onDeleted: (tableName: string, key: Key) => void;
  /** Called when an announced deletion did not happen, because the item was renewed or deleted. */
  readonly onKept?: (tableName: string, key: Key) => void;
  readonly terminal: Pick<Terminal, 'warn'>;
}

/** The running TTL sweeper. */
export interface TtlSweeper {
  stop(): Promise<void>;
  /** Deletes all expired items. Resolves to their number. */
  sweep(): Promise<number>;
}

type ExpiringTable = TableModel & { readonly ttlAttribute: string };

interface Sweep {
  readonly table: ExpiringTable;
  readonly client: DynamoDBClient;
  readonly deps: SweeperDeps;
  readonly isStopped: () => boolean;
}

/**
 * Starts a sweeper that expires items like DynamoDB's TTL, for engines that do not. If the engine deletes an item
 * first, the condition fails here, which is harmless.
 */
export function startTtlSweeper(tables: readonly TableModel[], client: DynamoDBClient, deps: SweeperDeps): TtlSweeper {
  const expiring = tables.filter(hasTtl);
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> | undefined;
  const sweepAll = async (): Promise<number> => {
    let deleted = 0;
    for (const table of expiring) deleted += await sweepTable({ table, client, deps, isStopped: () => isStopped });
    return deleted;
  };
  // One sweep at a time: two would announce each deletion twice.
  const sweep = async (): Promise<number> => {
    await running?.catch(() => undefined);
    running = sweepAll();
    return running;
  };
  const arm = (): void => {
    timer = setTimeout(() => void runByTimer(), SWEEP_INTERVAL_MS).unref();
  };
  const runByTimer = async (): Promise<void> => {
    // A restart of the engine fails one sweep; the next one catches up.
    await sweep().catch((error: unknown) => deps.terminal.warn(`expired items could not be deleted: ${String(error)}`));
    if (!isStopped) arm();
  };
  if (expiring.length > 0) arm();
  const stop = async (): Promise<void> => {
    isStopped = true;
    clearTimeout(timer);
    await running?.catch(() => undefined);
  };
  return { stop, sweep };
}

function hasTtl(table: TableModel): table is ExpiringTable {
  return table.ttlAttribute !== undefined;
}

async function sweepTable(sweep: Sweep): Promise<number> {
  const { table, client } = sweep;
  const names = table.definition.keys.map(({ name }) => name);
  const pages = paginateScan(
    { client, pageSize: PAGE_ITEMS },
    {
      TableName: table.name,
      ProjectionExpression: names.map((_name, index) => `#key${index}`).join(', '),
      ExpressionAttributeNames: {
        '#ttl': table.ttlAttribute,
        ...Object.fromEntries(names.map((name, index) => [`#key${index}`, name])),
      },
      FilterExpression: IS_EXPIRED,
      ExpressionAttributeValues: expiryRange(sweep.deps.now()),
    },
  );
  let deleted = 0;
  for await (const { Items = [] } of pages) {
    for (const key of Items) {
      if (sweep.isStopped()) return deleted;
      if (await deleteExpired(key, sweep)) deleted += 1;
    }
  }
  return deleted;
}

/**
 * The condition of an expired item. Only numbers are compared: an attribute of another type never expires, as on AWS.
 */
const IS_EXPIRED = '#ttl BETWEEN :oldest AND :now';

function expiryRange(nowMs: number): Record<string, AttributeValue> {
  const nowSeconds = Math.floor(nowMs / 1000);
  return { ':oldest': { N: String(nowSeconds - EXPIRY_MAXIMUM_AGE_SECONDS) }, ':now': { N: String(nowSeconds) } };
}

async function deleteExpired(key: Key, { table, client, deps }: Sweep): Promise<boolean> {
  deps.onDeleted(table.name, key);
  try {
    await client.send(
      new DeleteItemCommand({
        TableName: table.name,
        Key: { ...key },
        ConditionExpression: IS_EXPIRED,
        ExpressionAttributeNames: { '#ttl': table.ttlAttribute },
        ExpressionAttributeValues: expiryRange(deps.now()),
      }),
    );
    return true;
  } catch (error) {
    deps.onKept?.(table.name, key);
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
