import { realWaiting } from '../../shared/backoff.ts';
import type { BroadcastDeps } from '../../shared/fanout/broadcast.ts';
import { createCallbackPost } from '../../shared/fanout/callback-post.ts';
import { createSlowConnections } from '../../shared/fanout/slow-connections.ts';
import { archiveMessages } from '../../shared/store/messages.ts';
import { listSubscribers, removeConnection } from '../../shared/store/subscribers.ts';
import type { Backend } from '../backend.ts';
import { OperatorError } from '../operator-error.ts';

const SECONDS_PER_HOUR = 3_600;

/** What the broadcast Lambda is made of, for this stack; to one connection only when one is named. */
export function openBroadcast(
  { stack, dynamodb }: Backend,
  toConnection: string | undefined,
): Omit<BroadcastDeps, 'report'> {
  const { callbackUrl, messagesTable, subscriptionsTable, messageRetentionHours } = stack.resources;
  const subscriptions = { client: dynamodb, table: subscriptionsTable };
  const retentionSeconds = Number(messageRetentionHours) * SECONDS_PER_HOUR;
  if (!(retentionSeconds > 0)) throw new OperatorError('The output MessageRetentionHours is no number: deploy again.');
  return {
    post: createCallbackPost({
      callbackUrl,
      region: stack.region,
      credentials: () => dynamodb.config.credentials(),
      now: Date.now,
      // Each outcome is counted; a failure for all ends the replay and is said.
      onFailure: () => undefined,
    }),
    slow: createSlowConnections(Date.now),
    waiting: realWaiting,
    now: Date.now,
    archive: (messages) => archiveMessages({ client: dynamodb, table: messagesTable }, messages, retentionSeconds),
    listSubscribers: async function* (topic, shards) {
      for await (const subscriber of listSubscribers(subscriptions, topic, shards)) {
        if (toConnection === undefined || subscriber.connectionId === toConnection) yield subscriber;
      }
    },
    removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  };
}
