import { findSubscription } from '../../shared/store/operator-connections.ts';
import { CONNECTION_RECORD } from '../../shared/store/schema.ts';
import { getTopics } from '../../shared/store/subscribers.ts';
import type { Backend } from '../backend.ts';
import { OperatorError } from '../operator-error.ts';
import { tableOf } from '../table-of.ts';
import type { Tally } from './tally.ts';

/**
 * Checks that the connection that a replay is for has a record, before anything is sent. Throws OperatorError. An
 * orphan, which has subscriptions and no record of its own, still receives what it is sent.
 */
export async function checkRecipient(backend: Backend, connectionId: string): Promise<void> {
  const records = tableOf(backend, 'subscriptionsTable');
  if ((await findSubscription(records, connectionId, CONNECTION_RECORD)) !== undefined) return;
  if ((await getTopics(records, { connectionId })).size > 0) return;
  throw new OperatorError(
    `There is no connection ${connectionId}: it has ended, or the id is not whole. Nothing was sent. See distributary connections list`,
  );
}

/** A replay that has ended: to whom it was, and what came of it. */
export interface Reached {
  /** The one connection that the replay was for; undefined for all subscribers. */
  readonly toConnection: string | undefined;
  readonly total: Tally;
}

/**
 * Explains that changes were sent and none was due to anybody; undefined where one was. That is no fault for all
 * subscribers: a topic may have none, and the archive has the changes then.
 */
export function explainNobody({ toConnection, total }: Reached): string | undefined {
  if (total.records === 0 || total.due > 0) return undefined;
  if (toConnection === undefined) return 'Nobody is subscribed to these topics: nothing was due to anybody.';
  return `Nothing was due to ${toConnection}: it is not subscribed to these topics, or published the messages itself with echo: false.`;
}

/** Returns whether a replay to one connection did not get to it: nothing was due to it, or it was gone. */
export const isMissed = ({ toConnection, total }: Reached): boolean =>
  toConnection !== undefined && total.records > 0 && (total.due === 0 || total.gone > 0);
