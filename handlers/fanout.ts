import type { Logger } from '@aws-lambda-powertools/logger';
import { realWaiting } from '../shared/backoff.ts';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import type { DeliverDeps } from '../shared/fanout/deliver.ts';
import { createManagementApiPost } from '../shared/fanout/management-api-post.ts';
import { createSlowConnections } from '../shared/fanout/slow-connections.ts';
import type { MessageStoreDeps } from '../shared/store/messages.ts';
import { openSubscriptionsTable } from './stores.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';

/** The composition root of the two stream Lambdas: where they post to and what they read. */
export function openFanout(logger: Logger): {
  readonly delivery: DeliverDeps;
  readonly subscriptions: SubscriberStoreDeps;
  readonly messages: MessageStoreDeps;
} {
  const subscriptions = openSubscriptionsTable();
  const post = createManagementApiPost({
    callbackUrl: requiredText(ENVIRONMENT.callbackUrl),
    onFailure: (connectionId, error) => logger.warn('post failed', { connectionId, error }),
  });
  return {
    delivery: { post, slow: createSlowConnections(Date.now), waiting: realWaiting, now: Date.now },
    subscriptions,
    messages: { client: subscriptions.client, table: requiredText(ENVIRONMENT.messagesTable) },
  };
}
