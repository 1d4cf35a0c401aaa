import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from 'react';
import type { AnyTopics, CounterName, Realtime, TopicData, TopicName } from '@distributary/client';
import { ClientStores } from './client-stores.ts';
import type { ConnectionView } from './connection.ts';
import type { CounterView } from './counter.ts';
import type { PresenceView } from './presence.ts';
import type { Publish } from './publish.ts';
import type { TopicOptions, TopicView } from './topic.ts';
import { useConnectionOf, useCounterOf, usePresenceOf, usePublishOf, useTopicOf } from './use-stores.ts';

/** The props of a provider. */
export interface ProviderProps<Topics extends object = AnyTopics> {
  /**
   * The client of all components below, or a function that makes it. The function is called once, in the browser alone,
   * when a component needs the client first. Its client is closed after the provider is removed. A client that is given
   * stays open.
   */
  readonly client: Realtime<Topics> | (() => Realtime<Topics>);
  readonly children?: ReactNode;
}

/** The hooks for one set of topics, and the provider of their client. */
export interface Hooks<Topics extends object = AnyTopics> {
  /** Provides a client to the components below it. */
  readonly RealtimeProvider: (props: ProviderProps<Topics>) => ReactElement;
  /** Subscribes to a topic while the component is mounted, and returns its newest messages. Without a topic: `idle`. */
  readonly useTopic: <Name extends TopicName<Topics>>(
    topic: Name | undefined,
    options?: TopicOptions,
  ) => TopicView<TopicData<Topics, Name>>;
  /** Subscribes to a counter while the component is mounted, and returns its value. Without a name: `idle`. */
  readonly useCounter: (name: CounterName<Topics> | undefined) => CounterView;
  /** Follows the members of a topic while the component is mounted. Without a topic: `idle`. */
  readonly usePresence: (topic: TopicName<Topics> | undefined) => PresenceView;
  /** Returns the status of the connection, and functions that connect and disconnect. */
  readonly useConnection: () => ConnectionView;
  /** Returns a function that publishes to a topic without a subscription to it, the same one in each render. */
  readonly usePublish: <Name extends TopicName<Topics>>(topic: Name) => Publish<TopicData<Topics, Name>>;
}

/**
 * Creates hooks that know the types of your topics. Their provider is theirs alone: an application that talks to two
 * servers creates hooks for each.
 *
 * @example
 * export const { RealtimeProvider, useTopic } = createHooks<{ news: { title: string }; 'counter:votes': number }>();
 */
export function createHooks<Topics extends object = AnyTopics>(): Hooks<Topics>;
export function createHooks(): Hooks {
  const Context = createContext<ClientStores | undefined>(undefined);
  const useStores = (): ClientStores => {
    const stores = useContext(Context);
    if (stores === undefined) throw new Error('There is no RealtimeProvider above this component.');
    return stores;
  };
  return {
    RealtimeProvider: ({ client, children }) =>
      createElement(Context.Provider, { value: useProvided(client) }, children),
    useTopic: (topic, options = {}) => useTopicOf(useStores(), topic, options),
    useCounter: (name) => useCounterOf(useStores(), name),
    usePresence: (topic) => usePresenceOf(useStores(), topic),
    useConnection: () => useConnectionOf(useStores()),
    usePublish: (topic) => usePublishOf(useStores(), topic),
  };
}

/** Returns the stores of a client. They are new when another client is given; of functions, the first counts. */
function useProvided(client: ProviderProps['client']): ClientStores {
  const [kept, keep] = useState(() => new ClientStores(client));
  const isOther = typeof client !== 'function' && kept.source.given !== client;
  const stores = isOther ? new ClientStores(client) : kept;
  if (isOther) keep(stores);
  useEffect(() => stores.source.hold(), [stores]);
  return stores;
}
