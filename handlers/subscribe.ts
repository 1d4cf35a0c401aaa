import { subscribeFrame } from '../shared/protocol/client-frames.ts';
import { route } from './route.ts';
import { openSubscribeStores } from './open-stores.ts';
import { subscribeTo } from './subscribe-to.ts';

const stores = openSubscribeStores();

/**
 * Handles `subscribe`: subscribes to a topic, or asks for a catch-up on it. The `subscribed` frame is caused by the
 * change record of the subscription, not by this Lambda. With `before`: asks for older messages, by one write.
 *
 * Makes two to four writes, each of them atomic but not all together: the entry in the connection's list, and after it
 * the subscription's record; beside the first one, at most once in 30 s for each page, an update that returns a page of
 * the shard directory; last, the presence subscription, if one is asked for or ended. A connection whose list was
 * deleted by mistake costs two more. A failure in between may leave a topic in the list without a subscription; a
 * repeat puts that right.
 */
export const handler = route('subscribe', {
  schema: subscribeFrame,
  write: (frame, caller) => subscribeTo(stores, frame, caller),
});
