import type { Gap, Message, Realtime, RealtimeError, SubscribeOptions, SubscriptionState } from '@distributary/client';
import type { Publish } from './publish.ts';

/** The options of `useTopic`. */
export interface TopicOptions extends Pick<SubscribeOptions, 'batch' | 'history'> {
  /** The number of newest messages to keep, at least 1. Default: 100. */
  readonly keep?: number;
}

/** The state of a topic, as a component shows it. */
export interface TopicState<Data = unknown> {
  /** The newest messages, oldest first: the history that was asked for, and what arrived since. */
  readonly messages: readonly Message<Data>[];
  /** The state of the subscription. `idle` without a topic. */
  readonly state: SubscriptionState | 'idle';
  /** The error of a subscription that the server refused; undefined in any other state. */
  readonly error: RealtimeError | undefined;
  /** The newest loss of messages: those between its `last` and its `now` are missing. Undefined when there is none. */
  readonly gap: Gap | undefined;
}

/** A topic for a component: its state, and a function that publishes to it. */
export interface TopicView<Data = unknown> extends TopicState<Data> {
  /** Publishes to the topic. Stays the same function in each render. */
  readonly publish: Publish<Data>;
}

/** The default of `keep`. */
const KEPT_MESSAGES = 100;

/** The state of a topic before anything is known of it, and on a server. */
export const NO_MESSAGES: TopicState = { messages: [], state: 'subscribing', error: undefined, gap: undefined };

/** The state without a topic. */
export const NO_TOPIC: TopicState = { ...NO_MESSAGES, state: 'idle' };

/** Returns the key of what several components may share: one topic with the same options. */
export const topicKey = (topic: string, { keep, history, batch }: TopicOptions): string =>
  JSON.stringify([topic, keep, history, batch]);

/** A topic, and how to follow it. */
export interface FollowedTopic {
  readonly topic: string;
  readonly options: TopicOptions;
}

/** Subscribes to a topic and reports its state by `set`. Returns a function that ends it. */
export function followTopic(
  client: Realtime,
  { topic, options }: FollowedTopic,
  set: (state: TopicState) => void,
): () => void {
  const { keep = KEPT_MESSAGES, ...subscribeOptions } = options;
  const subscription = client.subscribe(topic, subscribeOptions);
  let current: TopicState = { ...NO_MESSAGES, state: subscription.state, error: subscription.error };
  const change = (changed: Partial<TopicState>): void => {
    current = { ...current, ...changed };
    set(current);
  };
  set(current);
  subscription.on('message', (message) => change({ messages: [...current.messages, message].slice(-keep) }));
  subscription.on('gap', (gap) => change({ gap }));
  subscription.on('state', (state) => change({ state, error: subscription.error }));
  return () => subscription.unsubscribe();
}
