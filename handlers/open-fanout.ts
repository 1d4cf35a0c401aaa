import { randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { realWaiting } from '../shared/backoff.ts';
import {
  ENVIRONMENT,
  lambdaCredentials,
  lambdaRegion,
  type Poster,
  requiredPoster,
  requiredText,
} from '../shared/config.ts';
import { ConfigError } from '../shared/errors.ts';
import { createFastPost } from '../shared/post/fast-post.ts';
import type { Post, PostDeps } from '../shared/post/post.ts';
import { createSdkClose } from '../shared/post/sdk-close.ts';
import { createSdkPost } from '../shared/post/sdk-post.ts';
import type { PostAllDeps } from '../shared/fanout/deliver/post-all.ts';
import { createEnds, type EndConnections } from '../shared/fanout/deliver/token-end.ts';
import { type AwayStore, createAwayStore } from '../shared/store/away.ts';
import { noteEnd } from '../shared/store/connection-end.ts';
import { createLateness } from '../shared/fanout/deliver/lateness.ts';
import { createDebtNotes, type NoteDebts } from '../shared/fanout/deliver/missed-frames.ts';
import { type DebtStoreDeps, noteOwed } from '../shared/store/owed.ts';
import type { MessageStoreDeps } from '../shared/store/messages.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';

/**
 * The one poster that this bundle holds. esbuild replaces `process.env.POSTER` by the stack's setting and drops the
 * other branch, with all that only it imports (infra/bundle-handlers.ts).
 */
const BUNDLED: Readonly<Partial<Record<Poster, (deps: PostDeps) => Post>>> =
  process.env['POSTER'] === 'sdk' ? { sdk: createSdkPost } : { fast: createFastPost };

/** Creates the poster of the stack. Throws ConfigError for one that is not in this bundle. */
function createPost(deps: PostDeps): Post {
  const poster = requiredPoster();
  const create = BUNDLED[poster];
  if (create !== undefined) return create(deps);
  throw new ConfigError(`This bundle does not hold the poster ${poster}: deploy with \`-c poster=${poster}\`.`);
}

/** Opens what every Lambda that posts needs: the stage's callback URL and the Lambda's credentials, behind a poster. */
export const openDelivery = (logger: Logger): PostAllDeps => ({
  post: createPost({
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

/** Opens the function that closes connections of the stage. */
export const openClose = (): ((connectionId: string) => Promise<boolean>) =>
  createSdkClose({ callbackUrl: requiredText(ENVIRONMENT.callbackUrl), region: lambdaRegion() });

/** Opens the record of connections that are to end, since their tokens have ended. */
export const openEnds = (logger: Logger, subscriptions: SubscriberStoreDeps): EndConnections =>
  createEnds({
    note: (connection) => noteEnd({ ...subscriptions, newStamp: randomUUID }, connection),
    onFailure: ({ connectionId }, error) => logger.error('end not recorded', { connectionId, error }),
  });

/** Opens the table of debts. */
export const openDebtStore = (subscriptions: SubscriberStoreDeps): DebtStoreDeps => ({
  ...subscriptions,
  now: Date.now,
  newStamp: randomUUID,
});

/** Opens the records of members that are away from topics. */
export const openAwayStore = (subscriptions: SubscriberStoreDeps): AwayStore =>
  createAwayStore({ ...subscriptions, now: Date.now, newStamp: randomUUID });

/** Opens the record of debts: the catch-ups that connections are owed, since frames could not be delivered to them. */
export const openDebts = (logger: Logger, subscriptions: SubscriberStoreDeps): NoteDebts =>
  createDebtNotes({
    note: (debt) => noteOwed(openDebtStore(subscriptions), debt),
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
