import type { Authorize } from './authorize.ts';
import { type GatewayContext, newEventSource } from './gateway-context.ts';
import { callIntegration } from './integration.ts';
import { connectEvent, type ConnectionFacts, type EventSource } from './proxy-event.ts';
import type { Refusal } from '../iam/refusals.ts';
import { decodeProxyResult, type ProxyResult } from './proxy-result.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

const SUBPROTOCOL_HEADER = 'sec-websocket-protocol';

/** An HTTP token, the syntax of a subprotocol. Any other text could add headers to the response. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** The decision on an upgrade request: the facts of the admitted connection, or the HTTP status of the refusal. */
export type Admission =
  | { readonly facts: ConnectionFacts; readonly subprotocol?: string }
  /** The HTTP status that answers the upgrade. */
  | { readonly refusedWith: number; readonly words?: Refusal };

interface Admitting {
  readonly context: GatewayContext;
  readonly authorize?: Authorize;
  readonly facts: ConnectionFacts;
  readonly request: UpgradeRequest;
}

/**
 * Invokes the authorizer, then `$connect`, and returns whether the connection is admitted. Without either of them it
 * is.
 */
export async function admitConnection(admitting: Admitting): Promise<Admission> {
  const { context, authorize, facts, request } = admitting;
  const source = newEventSource(context, facts);
  if (authorize === undefined) return connect(admitting, source);
  const authorization = await authorize(source, request);
  if ('refusedWith' in authorization) return authorization;
  return connect(admitting, { ...source, connection: { ...facts, ...authorization } });
}

async function connect({ context, request }: Admitting, source: EventSource): Promise<Admission> {
  const facts = source.connection;
  const route = context.routes.find(({ routeKey }) => routeKey === '$connect');
  if (route === undefined) return { facts };
  const outcome = await callIntegration(context, {
    route,
    event: connectEvent(source, request),
    connectionId: facts.connectionId,
  });
  if (outcome.kind === 'timed-out') return refuse(context, 504, `no answer in ${route.integrationTimeoutMs} ms`);
  if (outcome.kind === 'throttled') return { refusedWith: 429 };
  if (outcome.kind === 'failed') return refuse(context, 502, outcome.reason);
  const result = decodeConnectResult(outcome.payload);
  if (result === undefined) return refuse(context, 502, 'malformed result');
  if (result.statusCode >= 300) return { refusedWith: result.statusCode };
  return result.subprotocol === undefined ? { facts } : { facts, subprotocol: result.subprotocol };
}

function refuse({ terminal }: GatewayContext, status: number, reason: string): Admission {
  terminal.warn(`$connect failed (${status}): ${reason}`);
  return { refusedWith: status };
}

/** The result of a `$connect` function. */
interface ConnectResult {
  readonly statusCode: number;
  readonly subprotocol?: string;
}

/** Decodes the result of `$connect`. Returns undefined for a malformed result, which is answered with 502. */
function decodeConnectResult(payload: unknown): ConnectResult | undefined {
  const { statusCode, headers = {} } = decodeProxyResult(payload) ?? {};
  if (statusCode === undefined || statusCode < 200 || statusCode > 599) return undefined;
  const subprotocol = findSubprotocol(headers);
  if (subprotocol === undefined) return { statusCode };
  return TOKEN.test(subprotocol) ? { statusCode, subprotocol } : undefined;
}

function findSubprotocol(headers: ProxyResult['headers']): string | undefined {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === SUBPROTOCOL_HEADER);
  return entry === undefined ? undefined : String(entry[1]);
}
