import { OperatorError } from '../operator-error.ts';
import { duration } from '../output.ts';
import { unreachableBy } from '../unreachable.ts';
import type { LogSource, WrittenLine } from './log-source.ts';

interface LocalLogsDeps {
  /** The runtime's name for people. */
  readonly name: string;
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

/** Creates the source of the local runtime's logs. The runtime keeps the newest lines until it ends. */
export function createLocalLogs(deps: LocalLogsDeps): LogSource {
  return {
    find: async ({ contains, sinceMs = 0, untilMs = Infinity }) => {
      const address = new URL('/_runtime/logs', deps.callbackUrl);
      address.searchParams.set('since', String(sinceMs));
      for (const text of contains) address.searchParams.append('contains', text);
      const lines = (await fetchLogs(address, deps)).split('\n').filter(Boolean);
      return lines.map((line): WrittenLine => JSON.parse(line)).filter(({ timestamp }) => timestamp <= untilMs);
    },
    unread: new Set(),
    forgetUnread: () => undefined,
    close: () => undefined,
  };
}

async function fetchLogs(address: URL, { name, timeoutMs }: LocalLogsDeps): Promise<string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return await response.text();
    throw new OperatorError(`${name} does not give its logs (${response.status}): start it from this version.`);
  } catch (cause) {
    if (unreachableBy(cause) !== 'late') throw cause;
    throw new OperatorError(
      `${name} is late: it has not given its logs in ${duration(timeoutMs)}. Try again when it has less to do.`,
      { cause },
    );
  }
}
