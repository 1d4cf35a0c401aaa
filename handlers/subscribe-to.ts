import type { SubscribeFrame } from '../shared/protocol/client-frames.ts';
import type { HistoryRange } from '../shared/store/history-request.ts';
import type { SubscriptionStore } from '../shared/store/subscriptions.ts';
import type { AckFields } from '../shared/protocol/answers.ts';
import type { Caller } from './web-socket-event.ts';

/** The writes of the routes that subscribe. */
export interface SubscribeStores {
  readonly subscriptions: Pick<SubscriptionStore, 'subscribe'>;
  readonly requestHistory: (caller: Caller, range: HistoryRange) => Promise<void>;
}

/**
 * Subscribes for every route that subscribes. A frame with `before` leaves a request for older messages instead, in one
 * write; it resolves to undefined, because the `history` frame answers it.
 */
export async function subscribeTo(
  { subscriptions, requestHistory }: SubscribeStores,
  frame: SubscribeFrame,
  caller: Caller,
): Promise<AckFields | undefined> {
  const { topic, before, history: count, id } = frame;
  if (before === undefined || count === undefined) {
    await subscriptions.subscribe(caller, frame);
    return { topic };
  }
  await requestHistory(caller, { topic, before, count, id });
  return undefined;
}
