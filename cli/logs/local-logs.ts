import { OperatorError } from '../operator-error.ts';
import { duration } from '../output.ts';
import { unreachableBy } from '../unreachable.ts';
import type { LogSource, WrittenLine } from './log-source.ts';

interface LocalLogsDeps {
  /** The runtime's name for people. */
  readonly name: string;
  /** The instance whose functions' lines are read: the start of their logical ids. */
  readonly instance: string;
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

/** A line, and the function that wrote it: its stack's name and its logical id, cut off where that is too long. */
interface LocalLine extends WrittenLine {
  readonly functionName?: string;
}

/** Creates the source of an instance's logs in the local runtime, which keeps the newest lines until it ends. */
export function createLocalLogs(deps: LocalLogsDeps): LogSource {
  return {
    find: async ({ contains, sinceMs = 0, untilMs = Infinity }) => {
      const address = new URL('/_runtime/logs', deps.callbackUrl);
      address.searchParams.set('since', String(sinceMs));
      for (const text of contains) address.searchParams.append('contains', text);
      const lines = (await fetchLogs(address, deps)).split('\n').filter(Boolean);
      const found = lines.map((line): LocalLine => JSON.parse(line)).filter(({ timestamp }) => timestamp <= untilMs);
      return found.filter(({ functionName = '' }) => isOfInstance(deps.instance, functionName));
    },
    unread: new Set(),
    forgetUnread: () => undefined,
    close: () => undefined,
  };
}

/** Whether a function is one of an instance. A name that is cut off before it says whose it is may be. */
function isOfInstance(instance: string, functionName: string): boolean {
  const owner = /-([A-Za-z0-9]*?)(?:Functions|TopicsFrom)/.exec(functionName)?.[1];
  return (
    owner === undefined ||
    functionName.includes(`-${instance}Functions`) ||
    functionName.includes(`-${instance}TopicsFrom`)
  );
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
