import type { RouteModel } from '../model.ts';
import { type GatewayContext, newEventSource } from './gateway-context.ts';
import { callIntegration } from './integration.ts';
import { compileModels } from './message-models.ts';
import { type ConnectionFacts, type EventSource, messageEvent } from './proxy-event.ts';
import { decodeProxyResult, isAbsent } from './proxy-result.ts';
import { createRouteFinder, type KeySelector } from './route-selection.ts';

/** The messages that API Gateway itself sends to a client, also on one-way routes. */
type GatewayMessage = 'Forbidden' | 'Internal server error' | 'Endpoint request timed out' | 'Too Many Requests';

/** Returns the frame for a message that does not match its model, which names the message and not the request. */
const badBodyFrame = (connectionId: string, messageId: string): string =>
  `{"message": "Bad request body", "connectionId":"${connectionId}", "messageId":"${messageId}"}`;

/** Returns a frame with API Gateway's exact text. AWS has a space after `"message":` and none after the other names. */
function gatewayFrame(message: GatewayMessage, ids: { connectionId: string; requestId: string }): string {
  return `{"message": "${message}", "connectionId":"${ids.connectionId}", "requestId":"${ids.requestId}"}`;
}

/** The handling of clients' messages. */
export interface MessageService {
  /** Serves one message of a client. Resolves to the text for the client; undefined if nothing is sent. */
  readonly serve: (connection: ConnectionFacts, body: string) => Promise<string | undefined>;
  /** Returns the text that answers a message of a client with too many messages in flight. */
  readonly refuse: (connection: ConnectionFacts) => string;
}

/** Prepares the handling of messages: throttle, route, integration, route response. */
export function createMessageService(context: GatewayContext, selectRouteKey: KeySelector): MessageService {
  const findRoute = createRouteFinder(context.routes);
  const matchesModel = compileModels(context.routes, context.terminal.warn);
  const refuse = ({ connectionId }: ConnectionFacts): string =>
    gatewayFrame('Too Many Requests', { connectionId, requestId: context.ids.requestId() });
  const serve: MessageService['serve'] = async (connection, body) => {
    const source = newEventSource(context, connection);
    const failWith = (message: GatewayMessage): string =>
      gatewayFrame(message, { connectionId: connection.connectionId, requestId: source.occasion.requestId });
    if (!context.takeToken()) return failWith('Too Many Requests');
    const route = findRoute(selectRouteKey(body));
    if (route === undefined) return failWith('Forbidden');
    if (!matchesModel(route, body)) return badBodyFrame(connection.connectionId, source.occasion.requestId);
    const answer = await runRoute(context, { route, source, body });
    return 'failure' in answer ? failWith(answer.failure) : answer.reply;
  };
  return { serve, refuse };
}

async function runRoute(
  context: GatewayContext,
  { route, source, body }: { route: RouteModel; source: EventSource; body: string },
): Promise<{ reply: string | undefined } | { failure: GatewayMessage }> {
  const message = { routeKey: route.routeKey, messageId: context.ids.requestId(), body };
  const outcome = await callIntegration(context, {
    route,
    event: messageEvent(source, message),
    connectionId: source.connection.connectionId,
  });
  if (outcome.kind === 'timed-out') {
    context.terminal.warn(`route ${route.routeKey} timed out after ${route.integrationTimeoutMs} ms`);
    return { failure: 'Endpoint request timed out' };
  }
  // Not logged: a line for each refused message would cost more than the refusal.
  if (outcome.kind === 'throttled') return { failure: 'Too Many Requests' };
  if (outcome.kind === 'failed') return fail(context, route, outcome.reason);
  // A one-way route may return nothing. Any other result that is malformed fails the integration, as on AWS.
  if (!route.returnsResponse && isAbsent(outcome.payload)) return { reply: undefined };
  const result = decodeProxyResult(outcome.payload);
  if (result === undefined) return fail(context, route, 'its result is malformed');
  // The body is sent whatever the status code.
  const reply = route.returnsResponse ? result.body : undefined;
  const { messageBytes } = context.limits;
  const isTooLarge = reply !== undefined && Buffer.byteLength(reply) > messageBytes;
  return isTooLarge ? fail(context, route, `its response is over ${messageBytes} bytes`) : { reply };
}

function fail({ terminal }: GatewayContext, route: RouteModel, reason: string): { failure: GatewayMessage } {
  terminal.warn(`route ${route.routeKey} failed: ${reason}`);
  return { failure: 'Internal server error' };
}
