import { unsubscribeFrame } from '../shared/protocol/client-frames.ts';
import { route } from './route.ts';
import { openSubscriptionStore } from './open-stores.ts';

const subscriptions = openSubscriptionStore();

export const handler = route('unsubscribe', {
  schema: unsubscribeFrame,
  write: async ({ topic }, connection) => {
    await subscriptions.unsubscribe(connection, topic);
    return { topic };
  },
});
