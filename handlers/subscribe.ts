import { subscribeFrame } from '../shared/protocol/client-frames.ts';
import { route } from './route.ts';
import { openSubscriptionStore } from './open-stores.ts';

const subscriptions = openSubscriptionStore();

/** Subscribes, or asks for what was missed. The `subscribed` frame is caused by the record that this writes. */
export const handler = route('subscribe', {
  schema: subscribeFrame,
  write: async (frame, connection) => {
    await subscriptions.subscribe(connection, frame);
    return { topic: frame.topic };
  },
});
