import type { Presence, Realtime, RealtimeError, SubscriptionState } from '@distributary/client';

/** The members of a topic, as a component shows them. */
export interface PresenceState {
  /** The members, their number, and which of them is this client; undefined before the first list. */
  readonly presence: Presence | undefined;
  /** The state of the subscription. `idle` without a topic. */
  readonly state: SubscriptionState | 'idle';
  /** The error of a subscription that the server refused; undefined in any other state. */
  readonly error: RealtimeError | undefined;
}

/** The state of a topic before its members are known, and on a server. */
export const NO_MEMBERS: PresenceState = { presence: undefined, state: 'subscribing', error: undefined };

/** The state without a topic. */
export const NO_PRESENCE: PresenceState = { ...NO_MEMBERS, state: 'idle' };

/** Subscribes to the presence of a topic and reports it by `set`. Returns a function that ends it. */
export function followPresence(client: Realtime, topic: string, set: (state: PresenceState) => void): () => void {
  const subscription = client.subscribe(topic, { presence: true });
  const report = (): void => {
    const { presence, state, error } = subscription;
    set({ presence, state, error });
  };
  report();
  subscription.on('presence', report);
  subscription.on('state', report);
  return () => subscription.unsubscribe();
}
