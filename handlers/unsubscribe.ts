import { unsubscribeFrame } from '../shared/protocol/client-frames.ts';
import { route } from './route.ts';
import { openSubscriptionStore } from './open-stores.ts';

const subscriptions = openSubscriptionStore();

/**
 * Handles `unsubscribe`: makes one to three writes, each of them atomic but not all together. Deletes the
 * subscription's record; if there was one, deletes the presence subscription, if any, and then the entry in the
 * connection's list. A failure in between may leave the presence subscription or the entry, at most until the
 * connection ends.
 */
export const handler = route('unsubscribe', {
  schema: unsubscribeFrame,
  write: async ({ topic }, caller) => {
    await subscriptions.unsubscribe(caller, topic);
    return { topic };
  },
});
