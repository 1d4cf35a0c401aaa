import { useCallback, useMemo } from 'react';
import type { Counter } from '@distributary/client';
import type { ClientStores } from './client-stores.ts';
import { type ConnectionView, followConnection } from './connection.ts';
import { type CounterView, followCounter, NO_COUNTER } from './counter.ts';
import { followPresence, NO_PRESENCE, type PresenceView } from './presence.ts';
import type { Publish } from './publish.ts';
import { followTopic, NO_TOPIC, type TopicOptions, topicKey, type TopicView } from './topic.ts';
import { useShared } from './use-shared.ts';

/** The hook `useTopic` for the client of one provider. */
export function useTopicOf(stores: ClientStores, topic: string | undefined, options: TopicOptions): TopicView {
  const followed = useShared(stores.topics, {
    key: topic === undefined ? undefined : topicKey(topic, options),
    open: (set) => followTopic(stores.source.open(), { topic: topic ?? '', options }, set),
  });
  const state = topic === undefined ? NO_TOPIC : followed;
  const publish = usePublishOf(stores, topic);
  return useMemo(() => ({ ...state, publish }), [state, publish]);
}

/** The hook `useCounter` for the client of one provider. */
export function useCounterOf(stores: ClientStores, name: string | undefined): CounterView {
  const followed = useShared(stores.counters, {
    key: name,
    open: (set) => followCounter(stores.source.open(), name ?? '', set),
  });
  const state = name === undefined ? NO_COUNTER : followed;
  return useMemo(
    () => ({
      ...state,
      increment: (by, bounds) => change(stores, name, (counter) => counter.increment(by, bounds)),
      decrement: (by, bounds) => change(stores, name, (counter) => counter.decrement(by, bounds)),
    }),
    [stores, name, state],
  );
}

/** Changes a counter, and holds it meanwhile: the component may be removed before the answer. */
async function change(
  stores: ClientStores,
  name: string | undefined,
  act: (counter: Counter) => Promise<number>,
): Promise<number> {
  if (name === undefined) throw new TypeError('There is no counter to change: useCounter was called without a name.');
  const counter = stores.source.client().counter(name, { separate: true });
  return act(counter).finally(() => counter.unsubscribe());
}

/** The hook `usePresence` for the client of one provider. */
export function usePresenceOf(stores: ClientStores, topic: string | undefined): PresenceView {
  const followed = useShared(stores.presences, {
    key: topic,
    open: (set) => followPresence(stores.source.open(), topic ?? '', set),
  });
  const state = topic === undefined ? NO_PRESENCE : followed;
  const set = useCallback(
    (own: unknown) => {
      if (topic === undefined)
        throw new TypeError('There is no topic to be seen in: usePresence was called without one.');
      stores.source.client().presence(topic).set(own);
    },
    [stores, topic],
  );
  return useMemo(() => ({ ...state, set }), [state, set]);
}

/** The hook `useConnection` for the client of one provider. */
export function useConnectionOf(stores: ClientStores): ConnectionView {
  const state = useShared(stores.connections, {
    key: 'connection',
    open: (set) => followConnection(stores.source.open(), set),
  });
  return useMemo(
    () => ({
      ...state,
      connect: () => stores.source.client().connect(),
      disconnect: () => stores.source.client().disconnect(),
    }),
    [stores, state],
  );
}

/** The hook `usePublish` for the client of one provider. */
export const usePublishOf = (stores: ClientStores, topic: string | undefined): Publish<unknown> =>
  useCallback(
    async (data, options) => {
      if (topic === undefined) throw new TypeError('There is no topic to publish to: useTopic was called without one.');
      return stores.source.client().publish(topic, data, options);
    },
    [stores, topic],
  );
