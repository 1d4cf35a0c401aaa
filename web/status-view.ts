import type { Realtime, Status } from '../client/src/index.ts';
import { element } from './element.ts';

const TEXTS = {
  connecting: 'Connecting…',
  online: 'Online',
  offline: 'Offline, reconnecting…',
  disconnected: 'Disconnected',
  closed: 'Closed',
} as const satisfies Record<Status, string>;

/**
 * Returns the status to show. After a loss the page shows `offline` until the connection is back, however often the
 * client tries in between: otherwise the lamp would flicker and a screen reader would speak at each attempt.
 */
function shownStatus(previous: Status, status: Status): Status {
  return status === 'connecting' && previous !== 'connecting' ? 'offline' : status;
}

/** Shows whether the page is connected. */
export function showStatus(rt: Realtime): void {
  let shown: Status = 'connecting';
  const show = (status: Status): void => {
    shown = shownStatus(shown, status);
    element('status').dataset['status'] = shown;
    const text = element('status-text');
    if (text.textContent !== TEXTS[shown]) text.textContent = TEXTS[shown];
  };
  rt.on('status', show);
  show(rt.status);
}
