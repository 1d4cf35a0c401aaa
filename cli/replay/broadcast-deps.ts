import { realWaiting } from '../../shared/backoff.ts';
import type { BroadcastDeps } from '../../shared/fanout/broadcast/broadcast.ts';
import { createFastPost } from '../../shared/post/fast-post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { archiveMessages } from '../../shared/store/messages.ts';
import { listSubscribers, removeConnection } from '../../shared/store/subscribers.ts';
import { findShards } from '../../shared/store/topic-shards.ts';
import { retentionFinder } from '../../shared/topics/topic-settings.ts';
import { createWildcardReader } from '../../shared/store/wildcard-directory.ts';
import type { Backend } from '../backend.ts';
import { OperatorError } from '../operator-error.ts';
import { topicSettingsOf } from '../topic-settings-of.ts';

/** Opens the parts of the broadcast Lambda for this stack. With `toConnection` only that connection is listed. */
export function openBroadcast(backend: Backend, toConnection: string | undefined): Omit<BroadcastDeps, 'report'> {
  const { stack, dynamodb } = backend;
  const { callbackUrl, topicsTable, messagesTable, subscriptionsTable, messageRetentionHours } = stack.resources;
  const subscriptions = { client: dynamodb, table: subscriptionsTable };
  const retentionHours = Number(messageRetentionHours);
  if (!(retentionHours > 0)) throw new OperatorError('The output MessageRetentionHours is not a number: deploy again.');
  const retentionOf = retentionFinder(topicSettingsOf(stack), retentionHours);
  return {
    post: createFastPost({
      callbackUrl,
      region: stack.region,
      credentials: () => dynamodb.config.credentials(),
      now: Date.now,
      // Each outcome is counted. A failure of all posts ends the replay with its reason.
      onFailure: () => undefined,
    }),
    lateness: createLateness(Date.now),
    waiting: realWaiting,
    now: Date.now,
    archive: (messages) => archiveMessages({ client: dynamodb, table: messagesTable }, messages, retentionOf),
    listSubscribers: async function* (topic, shards) {
      // A record tells the shards of its own time, and an archived message of none.
      const all = Math.max(shards, await findShards(dynamodb, topicsTable, topic));
      for await (const subscriber of listSubscribers(subscriptions, topic, all)) {
        if (toConnection === undefined || subscriber.connectionId === toConnection) yield subscriber;
      }
    },
    wildcardsOver: createWildcardReader({ ...subscriptions, now: Date.now }),
    removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  };
}
