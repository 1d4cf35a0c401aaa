import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { realWaiting } from '../../shared/backoff.ts';
import type { BroadcastDeps } from '../../shared/fanout/broadcast/broadcast.ts';
import { createFastPost } from '../../shared/post/fast-post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { S } from '../../shared/store/attributes.ts';
import { archiveMessages } from '../../shared/store/messages.ts';
import { TOPICS } from '../../shared/store/schema.ts';
import { listSubscribers, removeConnection } from '../../shared/store/subscribers.ts';
import { decodeShards } from '../../shared/store/topic-shards.ts';
import type { Backend } from '../backend.ts';
import { OperatorError } from '../operator-error.ts';

const SECONDS_PER_HOUR = 3_600;

/** What the broadcast Lambda is made of, for this stack; to one connection only when one is named. */
export function openBroadcast(backend: Backend, toConnection: string | undefined): Omit<BroadcastDeps, 'report'> {
  const { stack, dynamodb } = backend;
  const { callbackUrl, messagesTable, subscriptionsTable, messageRetentionHours } = stack.resources;
  const subscriptions = { client: dynamodb, table: subscriptionsTable };
  const retentionSeconds = Number(messageRetentionHours) * SECONDS_PER_HOUR;
  if (!(retentionSeconds > 0)) throw new OperatorError('The output MessageRetentionHours is no number: deploy again.');
  return {
    post: createFastPost({
      callbackUrl,
      region: stack.region,
      credentials: () => dynamodb.config.credentials(),
      now: Date.now,
      // Each outcome is counted; a failure for all ends the replay and is said.
      onFailure: () => undefined,
    }),
    lateness: createLateness(Date.now),
    waiting: realWaiting,
    now: Date.now,
    archive: (messages) => archiveMessages({ client: dynamodb, table: messagesTable }, messages, retentionSeconds),
    listSubscribers: async function* (topic, shards) {
      const all = Math.max(shards, await shardsNow(backend, topic));
      for await (const subscriber of listSubscribers(subscriptions, topic, all)) {
        if (toConnection === undefined || subscriber.connectionId === toConnection) yield subscriber;
      }
    },
    removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  };
}

/** In how many shards a topic's subscribers are now: a record tells of its own time, and an archived message of none. */
async function shardsNow({ stack, dynamodb }: Backend, topic: string): Promise<number> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: stack.resources.topicsTable,
      Key: { [TOPICS.partitionKey]: S(topic) },
      ConsistentRead: true,
    }),
  );
  return Item === undefined ? 1 : decodeShards(Item);
}
