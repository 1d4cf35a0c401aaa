import { listConnectionRecords } from '../../shared/store/operator-connections.ts';
import { CONNECTION_RECORD } from '../../shared/store/schema.ts';
import type { Backend } from '../backend.ts';
import { counted } from '../output.ts';
import { tableOf } from '../table-of.ts';
import { type Finding, ok, problem } from './finding.ts';

/** The time in seconds after which an expired record counts as overdue. TTL nearly always deletes within a day. */
const TTL_LAG_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

/** Finds subscriptions without a connection, which nothing will clean up, and records that should be gone. */
export async function checkConnections(backend: Backend): Promise<Finding[]> {
  const [listed, subscribed] = [new Set<string>(), new Set<string>()];
  let overdue = 0;
  for await (const record of listConnectionRecords(tableOf(backend, 'subscriptionsTable'))) {
    (record.sortKey === CONNECTION_RECORD ? listed : subscribed).add(record.connectionId);
    if (record.expiresAt + TTL_LAG_SECONDS < Date.now() / MS_PER_SECOND) overdue += 1;
  }
  return [orphansOf(listed, subscribed), overdueOf(overdue)];
}

function orphansOf(listed: ReadonlySet<string>, subscribed: ReadonlySet<string>): Finding {
  const orphans = [...subscribed].filter((connectionId) => !listed.has(connectionId));
  if (orphans.length === 0) return ok('orphaned subscriptions', `none, of ${counted(listed.size, 'connection')}`);
  return problem(
    'orphaned subscriptions',
    `${counted(orphans.length, 'connection')} with subscriptions and no record of its own: ${orphans.slice(0, 3).join(' ')}`,
    'They receive messages while they live, and are deleted by TTL or at their next 410. Close them: distributary connections close ID',
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
