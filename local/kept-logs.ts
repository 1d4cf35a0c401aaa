import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson } from './gateway/answer-json.ts';
import { splitTarget } from './gateway/upgrade-request.ts';
import type { Terminal } from './model.ts';

/** Bounds of what is kept of the functions' logs. Each stands in docs/limits.md too. */
export const KEPT_LOGS = {
  /** Lines of one function; past it its oldest are forgotten. */
  linesPerFunction: 20_000,
  /** The same in characters. */
  charactersPerFunction: 8_388_608,
  /** Lines of one answer: the newest that match. */
  answerLines: 20_000,
} as const;

/** One line that a function wrote, shaped after CloudWatch Logs' FilterLogEvents. */
interface LogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly functionName: string;
  readonly requestId: string | undefined;
  readonly message: string;
}

/** The newest log lines of each function: the log groups of a runtime that has no CloudWatch. */
export interface KeptLogs {
  /** The terminal, with what it is told by functions kept on the way. */
  readonly listen: (terminal: Terminal) => Terminal;
  /** Those that match, the oldest first. */
  readonly find: (wanted: LogFilter) => readonly LogEvent[];
}

interface LogFilter {
  readonly functionName: string | undefined;
  readonly sinceMs: number;
  /** Texts that a line must have, all of them. */
  readonly contains: readonly string[];
}

interface Ring {
  events: LogEvent[];
  /** Place of the oldest that is not forgotten. */
  first: number;
  characters: number;
}

/** Keeps what functions log, within bounds for each function. */
export function createKeptLogs(now: () => number): KeptLogs {
  // As many as the template has functions.
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
  // Once in a while only: it costs as much as what is kept.
  if (ring.first <= ring.events.length / 2) return;
  ring.events = ring.events.slice(ring.first);
  ring.first = 0;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const LOGS_PATH = '/_runtime/logs';

/** Serves `GET /_runtime/logs?function=NAME&since=MS&contains=TEXT` as lines of JSON, and hands on whatever else is asked. */
export function serveKeptLogs(logs: KeptLogs, page: Serve | undefined): Serve {
  return (request, response) => {
    const [path, search] = splitTarget(request.url ?? '/');
    if (path === LOGS_PATH) return answerLogs(request, response, logs.find(filterOf(new URLSearchParams(search))));
    if (page === undefined) return answerJson(response, 403, 'Forbidden');
    return page(request, response);
  };
}

const filterOf = (query: URLSearchParams): LogFilter => ({
  functionName: query.get('function') ?? undefined,
  // What is no number is no bound.
  sinceMs: Number(query.get('since')) || 0,
  contains: query.getAll('contains'),
});

function answerLogs({ method }: IncomingMessage, response: ServerResponse, events: readonly LogEvent[]): void {
  if (method !== 'GET') return answerJson(response, 405, 'Method Not Allowed');
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  response.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
