import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import type { LogSource, WrittenLine } from './log-source.ts';

/** Creates the source of the local runtime's logs. The runtime keeps the newest lines until it ends. */
export function createLocalLogs(name: string, callbackUrl: string): LogSource {
  return {
    find: async ({ contains, sinceMs = 0, untilMs = Infinity }) => {
      const address = new URL('/_runtime/logs', callbackUrl);
      address.searchParams.set('since', String(sinceMs));
      for (const text of contains) address.searchParams.append('contains', text);
      const response = await fetch(address, { signal: AbortSignal.timeout(CLI_BOUNDS.LOGS_MS) });
      if (!response.ok)
        throw new OperatorError(`${name} does not give its logs (${response.status}): start it from this version.`);
      const lines = (await response.text()).split('\n').filter(Boolean);
      return lines.map((line): WrittenLine => JSON.parse(line)).filter(({ timestamp }) => timestamp <= untilMs);
    },
    unread: new Set(),
    forgetUnread: () => undefined,
    close: () => undefined,
  };
}
