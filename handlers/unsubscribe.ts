import { unsubscribeFrame } from '../shared/protocol/client-frames.ts';
import { route } from './route.ts';
import { openSubscriptionStore } from './open-stores.ts';

const subscriptions = openSubscriptionStore();

/**
 * Handles `unsubscribe`: makes two or three writes, each of them atomic but not all together. Takes the topic off the
 * connection's list, which keeps the time, so that an earlier `subscribe` that is handled later is refused; deletes the
 * subscription's record, and the presence subscription, if any. The deletes are repeated, a bounded number of times,
 * while an earlier `subscribe` is between its writes. A failure in between may leave the record, until the client
 * repeats the `unsubscribe` or the connection ends.
 */
export const handler = route('unsubscribe', {
  schema: unsubscribeFrame,
  write: async ({ topic }, caller) => {
    await subscriptions.unsubscribe(caller, topic);
    return { topic };
  },
});
