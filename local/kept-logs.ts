import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, PRIVATE_HEADERS, splitTarget } from './gateway/http.ts';
import type { Terminal } from './model.ts';

/** The bounds of the functions' kept logs. Each has a row in docs/limits.md. */
export const KEPT_LOGS = {
  /**
   * Lines kept of one function. Past it the oldest are forgotten.
   * @limit operator
   */
  linesPerFunction: 20_000,
  /** Characters kept of one function. Past it the oldest lines are forgotten. */
  charactersPerFunction: 8_388_608,
  /** Lines in one answer. Of more matching lines, the newest are answered. */
  answerLines: 20_000,
  /** The newest lines of a function in which those of one invocation are searched. */
  tailLines: 2_000,
} as const;

/** A line that a function wrote, in the shape of an event of CloudWatch Logs' FilterLogEvents. */
interface LogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly functionName: string;
  readonly requestId: string | undefined;
  readonly message: string;
}

/** The newest log lines of each function: the log groups of a runtime that has no CloudWatch. */
export interface KeptLogs {
  /** Returns a terminal that keeps every function log line before it passes the line on to the given terminal. */
  readonly listen: (terminal: Terminal) => Terminal;
  /** Returns the matching lines, oldest first. */
  readonly find: (wanted: LogFilter) => readonly LogEvent[];
  /** Returns the newest lines of an invocation, oldest first. */
  readonly ofInvocation: (functionName: string, requestId: string) => readonly string[];
}

interface LogFilter {
  readonly functionName: string | undefined;
  readonly sinceMs: number;
  /** Texts that a line must contain, all of them. */
  readonly contains: readonly string[];
}

interface Ring {
  events: LogEvent[];
  /** Index of the oldest event that is still kept. */
  first: number;
  characters: number;
}

/** Creates a store of the functions' log lines, bounded for each function. */
export function createKeptLogs(now: () => number): KeptLogs {
  // Bounded by the number of functions in the template.
  const rings = new Map<string, Ring>();
  const keep: Terminal['lambdaLog'] = (functionName, requestId, message) => {
    const ring = rings.get(functionName) ?? { events: [], first: 0, characters: 0 };
    rings.set(functionName, ring);
    ring.events.push({ timestamp: now(), functionName, requestId, message });
    ring.characters += message.length;
    forgetOldest(ring);
  };
  return {
    listen: (terminal) => ({
      ...terminal,
      lambdaLog: (...line) => {
        keep(...line);
        terminal.lambdaLog(...line);
      },
    }),
    ofInvocation: (functionName, requestId) => {
      const newest = (rings.get(functionName)?.events ?? []).slice(-KEPT_LOGS.tailLines);
      return newest.flatMap((event) => (event.requestId === requestId ? [event.message] : []));
    },
    find: ({ functionName, sinceMs, contains }) => {
      const chosen = [...rings].filter(([name]) => functionName === undefined || name === functionName);
      const found = chosen.flatMap(([, { events, first }]) =>
        events.filter(
          ({ timestamp, message }, place) =>
            place >= first && timestamp >= sinceMs && contains.every((text) => message.includes(text)),
        ),
      );
      return found.toSorted((a, b) => a.timestamp - b.timestamp).slice(-KEPT_LOGS.answerLines);
    },
  };
}

function forgetOldest(ring: Ring): void {
  while (
    ring.events.length - ring.first > KEPT_LOGS.linesPerFunction ||
    ring.characters > KEPT_LOGS.charactersPerFunction
  ) {
    ring.characters -= ring.events[ring.first]?.message.length ?? 0;
    ring.first += 1;
  }
  // Only when half the array is forgotten events: copying costs as much as the kept events.
  if (ring.first <= ring.events.length / 2) return;
  ring.events = ring.events.slice(ring.first);
  ring.first = 0;
}

type Serve = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

const LOGS_PATH = '/_runtime/logs';

/**
 * Serves `GET /_runtime/logs?function=NAME&since=MS&contains=TEXT` as lines of JSON, and passes every other request to
 * `page`. What the page does not have is served by `next`.
 */
export function serveKeptLogs(logs: KeptLogs, page: Serve | undefined): Serve {
  return (request, response, next) => {
    const [path, search] = splitTarget(request.url ?? '/');
    if (path === LOGS_PATH) return answerLogs(request, response, logs.find(filterOf(new URLSearchParams(search))));
    if (page !== undefined) return page(request, response, next);
    return next === undefined ? answerJson(response, 403, 'Forbidden') : next();
  };
}

const filterOf = (query: URLSearchParams): LogFilter => ({
  functionName: query.get('function') ?? undefined,
  // An invalid number is ignored.
  sinceMs: Number(query.get('since')) || 0,
  contains: query.getAll('contains'),
});

function answerLogs({ method }: IncomingMessage, response: ServerResponse, events: readonly LogEvent[]): void {
  if (method !== 'GET') return answerJson(response, 405, 'Method Not Allowed');
  response.writeHead(200, { ...PRIVATE_HEADERS, 'Content-Type': 'application/x-ndjson' });
  response.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
