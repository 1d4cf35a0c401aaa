import type { Logger } from '@aws-lambda-powertools/logger';
import { realWaiting } from '../shared/backoff.ts';
import { ENVIRONMENT, lambdaCredentials, lambdaRegion, requiredText } from '../shared/config.ts';
import { createFastPost } from '../shared/post/fast-post.ts';
import type { PostAllDeps } from '../shared/fanout/deliver/post-all.ts';
import { createLateness } from '../shared/fanout/deliver/lateness.ts';
import { createDebtNotes, type NoteDebts } from '../shared/fanout/deliver/missed-frames.ts';
import { noteOwed } from '../shared/store/owed.ts';
import type { MessageStoreDeps } from '../shared/store/messages.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';

/**
 * Opens what a Lambda needs to post to connections: the callback URL, the role's credentials and the lateness policy,
 * all from the environment.
 */
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

/** Opens the record of debts: the catch-ups that connections are owed, since frames could not be delivered to them. */
export const openDebts = (logger: Logger, subscriptions: SubscriberStoreDeps): NoteDebts =>
  createDebtNotes({
    note: (debt) => noteOwed(subscriptions, debt),
    report: ({ event, ...details }) => logger.error(event, details),
    now: Date.now,
  });

/** Opens what broadcast and catch-up need: posting, and the tables Subscriptions and Messages. */
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
