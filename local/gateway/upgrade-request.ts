import type { IncomingMessage } from 'node:http';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import { splitTarget } from './http.ts';

/** Names with their last value and with all values: the two forms in which API Gateway shows headers and query. */
interface Fields {
  readonly single: Readonly<Record<string, string>>;
  readonly multi: Readonly<Record<string, readonly string[]>>;
}

/** The client's data that is kept while its connection is open. */
export interface ClientFacts {
  readonly host: string;
  readonly sourceIp: string;
  readonly userAgent?: string;
}

/** The HTTP request that opens a connection, as `$connect` and its authorizer see it. */
export interface UpgradeRequest {
  readonly client: ClientFacts;
  /** The headers that a `$connect` integration sees. */
  readonly headers: Fields;
  /** The headers that an authorizer sees: these include the headers of the upgrade itself. */
  readonly authorizerHeaders: Fields;
  /** The query; undefined without a query string. */
  readonly query?: Fields;
  /** The request as a signature covers it. */
  readonly covered: CoveredRequest;
}

const UPGRADE_HEADERS = new Set(['connection', 'upgrade']);

/** The headers that the gateway replaces by its own values. */
const FORWARDING_HEADERS = new Set(['x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id', 'x-forwarded-for']);

/**
 * The headers whose several lines are one list, by RFC 6455, sections 11.3.2 and 11.3.4. A client may split its offer
 * of subprotocols over lines, and `$connect` must see all of them.
 */
const LIST_HEADERS = new Set(['sec-websocket-protocol', 'sec-websocket-extensions']);

/** Reads an upgrade's HTTP request into the form in which events carry it. */
export function readUpgradeRequest(
  request: IncomingMessage,
  gateway: { port: number; traceId: string },
): UpgradeRequest {
  const sourceIp = request.socket.remoteAddress ?? '';
  const [, search] = splitTarget(request.url ?? '/');
  const forwarding = forwardingHeaders(request, { ...gateway, sourceIp });
  const sent = joinLists(headerPairs(request.rawHeaders)).filter(
    ([name]) => !FORWARDING_HEADERS.has(name.toLowerCase()),
  );
  const passed = sent.filter(([name]) => !UPGRADE_HEADERS.has(name.toLowerCase()));
  const userAgent = request.headers['user-agent'];
  return {
    client: { host: request.headers.host ?? '', sourceIp, ...(userAgent === undefined ? {} : { userAgent }) },
    headers: toFields([...passed, ...forwarding]),
    authorizerHeaders: toFields([
      ...passed,
      ['Connection', 'upgrade'],
      ['content-length', '0'],
      ['Upgrade', 'websocket'],
      ...forwarding,
    ]),
    ...(search === '' ? {} : { query: toFields([...new URLSearchParams(search)]) }),
    covered: servedRequestOf(request),
  };
}

function forwardingHeaders(
  request: IncomingMessage,
  gateway: { port: number; traceId: string; sourceIp: string },
): [string, string][] {
  const before = request.headers['x-forwarded-for'];
  return [
    ['X-Amzn-Trace-Id', gateway.traceId],
    ['X-Forwarded-For', before === undefined ? gateway.sourceIp : `${String(before)}, ${gateway.sourceIp}`],
    ['X-Forwarded-Port', String(gateway.port)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

function headerPairs(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}

/** Joins the lines of each list header at the place of its first line. */
function joinLists(pairs: readonly [string, string][]): [string, string][] {
  const lists = new Map<string, [string, string]>();
  return pairs.flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const list = lists.get(key);
    if (list !== undefined) list[1] += `, ${value}`;
    if (list !== undefined) return [];
    const pair: [string, string] = [name, value];
    if (LIST_HEADERS.has(key)) lists.set(key, pair);
    return [pair];
  });
}

/** Groups pairs by name. `Object.fromEntries` defines own properties, so a header named `__proto__` is safe. */
function toFields(pairs: readonly (readonly [string, string])[]): Fields {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return {
    single: Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? ''])),
    multi: Object.fromEntries(values),
  };
}
