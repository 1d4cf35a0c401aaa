import { CONNECTION_RECORD, SUBSCRIPTIONS } from '../../shared/store/schema.ts';
import { getCount, getText } from '../../shared/store/attributes.ts';
import type { Backend } from '../backend.ts';
import { counted } from '../output.ts';
import { scan } from '../scan.ts';
import { type Finding, ok, problem } from './finding.ts';

/** TTL may take days by its contract; within a day it nearly always has. */
const TTL_LAG_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

/** Records of subscriptions that nobody will clean up, or that should be gone. */
export async function checkConnections({ stack, dynamodb }: Backend): Promise<Finding[]> {
  const [listed, subscribed] = [new Set<string>(), new Set<string>()];
  let overdue = 0;
  const items = scan(dynamodb, {
    TableName: stack.resources.subscriptionsTable,
    ProjectionExpression: '#connection, #topic, #ttl',
    ExpressionAttributeNames: {
      '#connection': SUBSCRIPTIONS.partitionKey,
      '#topic': SUBSCRIPTIONS.sortKey,
      '#ttl': SUBSCRIPTIONS.ttl,
    },
  });
  for await (const item of items) {
    // A page of the shard directory is of no connection, and stays.
    if (item[SUBSCRIPTIONS.ttl] === undefined) continue;
    const isList = getText(item, SUBSCRIPTIONS.sortKey) === CONNECTION_RECORD;
    (isList ? listed : subscribed).add(getText(item, SUBSCRIPTIONS.partitionKey));
    if (getCount(item, SUBSCRIPTIONS.ttl) + TTL_LAG_SECONDS < Date.now() / MS_PER_SECOND) overdue += 1;
  }
  return [orphansOf(listed, subscribed), overdueOf(overdue)];
}

function orphansOf(listed: ReadonlySet<string>, subscribed: ReadonlySet<string>): Finding {
  const orphans = [...subscribed].filter((connectionId) => !listed.has(connectionId));
  if (orphans.length === 0) return ok('orphaned subscriptions', `none, of ${counted(listed.size, 'connection')}`);
  return problem(
    'orphaned subscriptions',
    `${counted(orphans.length, 'connection')} with subscriptions and no record of its own: ${orphans.slice(0, 3).join(' ')}`,
    'They are delivered to while they live, and go by TTL or by their next 410. Close them: distributary connections close ID',
  );
}

const overdueOf = (overdue: number): Finding =>
  overdue === 0
    ? ok('expired subscriptions', 'none is left')
    : problem(
        'expired subscriptions',
        `${counted(overdue, 'record')} should have been deleted over a day ago`,
        'See whether TTL of the table is on (above).',
      );
