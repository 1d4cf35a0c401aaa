import { useCallback, useSyncExternalStore } from 'react';
import type { Open, SharedStores } from './shared-stores.ts';

/** A state that a component follows. The key says everything that `open` depends on; undefined follows nothing. */
export interface Followed<State> {
  readonly key: string | undefined;
  readonly open: Open<State>;
}

const FOLLOWS_NOTHING = (): void => undefined;

/** Returns the state of a key. The component renders again with each new state. */
export function useShared<State>(stores: SharedStores<State>, { key, open }: Followed<State>): State {
  const follow = useCallback(
    (listener: () => void) => (key === undefined ? FOLLOWS_NOTHING : stores.follow(key, open, listener)),
    [stores, key],
  );
  const current = (): State => (key === undefined ? stores.initial : stores.stateOf(key));
  return useSyncExternalStore(follow, current, () => stores.initial);
}
