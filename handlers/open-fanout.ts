import type { Logger } from '@aws-lambda-powertools/logger';
import { realWaiting } from '../shared/backoff.ts';
import { ENVIRONMENT, lambdaCredentials, lambdaRegion, requiredText } from '../shared/config.ts';
import { createFastPost } from '../shared/post/fast-post.ts';
import type { PostAllDeps } from '../shared/fanout/deliver/post-all.ts';
import { createLateness } from '../shared/fanout/deliver/lateness.ts';
import type { MessageStoreDeps } from '../shared/store/messages.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';

/** The composition root of those who post: where to, and as whom. */
export const openDelivery = (logger: Logger): PostAllDeps => ({
  post: createFastPost({
    callbackUrl: requiredText(ENVIRONMENT.callbackUrl),
    region: lambdaRegion(),
    credentials: () => lambdaCredentials(),
    now: Date.now,
    onFailure: (connectionId, error) => logger.warn('post failed', { connectionId, error }),
  }),
  lateness: createLateness(Date.now),
  waiting: realWaiting,
  now: Date.now,
});

/** That of the two stream Lambdas: what they read, too. */
export function openFanout(logger: Logger): {
  readonly delivery: PostAllDeps;
  readonly subscriptions: SubscriberStoreDeps;
  readonly messages: MessageStoreDeps;
} {
  const subscriptions = openSubscriptionsTable();
  return {
    delivery: openDelivery(logger),
    subscriptions,
    messages: { client: subscriptions.client, table: requiredText(ENVIRONMENT.messagesTable) },
  };
}
