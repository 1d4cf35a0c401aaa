import type { Member, OwnPresence, Presence, Realtime, RealtimeError, SubscriptionState } from '@distributary/client';

/** The members of a topic, as a component shows them. */
export interface PresenceState {
  /** The members, their number, and which of them is this client; undefined before the first list. */
  readonly presence: Presence | undefined;
  /** The members, each with its public profile and the state that it has set. Empty before the first list. */
  readonly members: readonly Member[];
  /** The state of the subscription. `idle` without a topic. */
  readonly state: SubscriptionState | 'idle';
  /** The error of a subscription that the server refused; undefined in any other state. */
  readonly error: RealtimeError | undefined;
}

/** The members of a topic for a component, and a function that sets what this client shows of itself. */
export interface PresenceView extends PresenceState {
  /**
   * Sets what the others see of this client in the topic, as that it is typing; `null` ends it. Stays the same function
   * in each render. Throws a `RealtimeError` before the client is subscribed to the topic.
   */
  readonly set: OwnPresence['set'];
}

/** The state of a topic before its members are known, and on a server. */
export const NO_MEMBERS: PresenceState = {
  presence: undefined,
  members: [],
  state: 'subscribing',
  error: undefined,
};

/** The state without a topic. */
export const NO_PRESENCE: PresenceState = { ...NO_MEMBERS, state: 'idle' };

/** Subscribes to the presence of a topic and reports it by `set`. Returns a function that ends it. */
export function followPresence(client: Realtime, topic: string, set: (state: PresenceState) => void): () => void {
  const subscription = client.subscribe(topic, { presence: true });
  const report = (): void => {
    const { presence, state, error } = subscription;
    set({ presence, members: subscription.members(), state, error });
  };
  report();
  subscription.on('presence', report);
  subscription.on('update', report);
  subscription.on('state', report);
  return () => subscription.unsubscribe();
}
