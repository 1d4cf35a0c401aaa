import type { Realtime } from '../client/src/index.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { element, remark } from './element.ts';
import { errorText } from './error-text.ts';

/** Time in ms for which a notice is shown. */
const SHOWN_MS = 10_000;

/** Shows what the server refuses as a whole: a token, or frames that came too fast. */
export function showNotices(rt: Realtime, connection: ConnectionStatus): void {
  const notice = element('notice');
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const clear = (): void => remark(notice, '');
  rt.on('error', (error) => {
    clearTimeout(hiding);
    remark(notice, errorText(error), true);
    // Without a connection the reason stays until there is one.
    if (connection.current === 'online') hiding = setTimeout(clear, SHOWN_MS);
  });
  connection.follow((status) => {
    if (status === 'online') hiding = setTimeout(clear, SHOWN_MS);
  });
}
