import type { SubscriptionState } from '../client/src/index.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { within } from './element.ts';

/** A topic or counter of the page. */
export interface Branch {
  readonly root: HTMLElement;
  /** Moves the focus to where a person goes on. */
  focus(): void;
  /** Unsubscribes and removes it from the page. */
  end(): void;
}

const STATE_TEXTS = {
  subscribing: 'Catching up…',
  live: 'Live',
  failed: 'Refused',
  ended: '',
} as const satisfies Record<SubscriptionState, string>;

/** Shows the state of a subscription below its name. Offline, nothing is being caught up. */
export function showState(root: HTMLElement, connection: ConnectionStatus, state: SubscriptionState): void {
  const { current } = connection;
  const isWaiting = state === 'subscribing' && current !== 'online';
  const waitingText = current === 'connecting' ? 'Connecting…' : 'Offline';
  const text = isWaiting ? waitingText : STATE_TEXTS[state];
  root.dataset['state'] = isWaiting ? 'offline' : state;
  const shown = within(root, '.branch-state');
  if (shown.textContent !== text) shown.textContent = text;
}
