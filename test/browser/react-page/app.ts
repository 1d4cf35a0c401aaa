import { createElement as h, type ReactElement } from 'react';
import type { Realtime } from '@distributary/client';
import { RealtimeProvider, useConnection, useCounter, usePresence, usePublish, useTopic } from '@distributary/react';

/** The parts that the page shows. */
export interface Parts {
  /** The topic of the lists; null for none. */
  readonly topic: string | null;
  /** The names of the lists. Each is a component that follows the topic. */
  readonly lists: readonly string[];
  /** Whether the counters and the members are there. */
  readonly isCounting: boolean;
  /** Whether there is anything at all. */
  readonly isShown: boolean;
}

/** The components of the page, on one client. */
export function App({ client, parts }: { readonly client: () => Realtime; readonly parts: Parts }): ReactElement {
  const { topic, lists, isCounting, isShown } = parts;
  if (!isShown) return h('p', { id: 'gone' }, 'Nothing.');
  return h(
    RealtimeProvider,
    { client },
    h(Connection),
    h(Sender),
    lists.map((name) => h(List, { key: name, name, topic })),
    isCounting && [
      h(Votes, { key: 1, name: 'votes', id: 'first' }),
      h(Votes, { key: 2, name: 'votes', id: 'second' }),
      h(People, { key: 3 }),
    ],
  );
}

function Connection(): ReactElement {
  const { status, connect, disconnect } = useConnection();
  return h(
    'header',
    undefined,
    h('p', { id: 'status' }, status),
    h('button', { onClick: connect }, 'Connect'),
    h('button', { onClick: disconnect }, 'Disconnect'),
  );
}

function Sender(): ReactElement {
  const publish = usePublish('river');
  return h('button', { onClick: () => void publish('from React') }, 'Publish');
}

function List({ name, topic }: { readonly name: string; readonly topic: string | null }): ReactElement {
  const { messages, state, error } = useTopic(topic ?? undefined, { history: 10, keep: 3 });
  return h(
    'ol',
    { id: name, 'data-state': state, 'data-error': error?.code },
    messages.map(({ seq, data }) => h('li', { key: seq }, String(data))),
  );
}

function Votes({ name, id }: { readonly name: string; readonly id: string }): ReactElement {
  const { value, increment } = useCounter(name);
  return h('button', { id, onClick: () => void increment() }, value ?? 'unknown');
}

function People(): ReactElement {
  const { presence } = usePresence('people');
  return h('p', { id: 'people' }, presence === undefined ? 'unknown' : presence.count);
}
