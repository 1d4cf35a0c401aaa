import type { Status } from '../client/src/index.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { element } from './element.ts';

const TEXTS = {
  connecting: 'Connecting…',
  online: 'Online',
  offline: 'Offline, reconnecting…',
  disconnected: 'Disconnected',
  closed: 'Closed',
} as const satisfies Record<Status, string>;

/** Shows whether the page is connected. */
export function showStatus(connection: ConnectionStatus): void {
  connection.follow((status) => {
    element('status').dataset['status'] = status;
    element('status-text').textContent = TEXTS[status];
  });
}
