import type { RouteModel } from '../model.ts';
import { type GatewayContext, newEventSource } from './gateway-context.ts';
import { callIntegration } from './integration.ts';
import { type ConnectionFacts, type EventSource, messageEvent } from './proxy-event.ts';
import { decodeProxyResult, isAbsent } from './proxy-result.ts';
import { createRouteFinder, type RouteKeySelector } from './route-selection.ts';

/** The messages that API Gateway itself sends to a client, also on one-way routes. */
type GatewayMessage = 'Forbidden' | 'Internal server error' | 'Endpoint request timed out' | 'Too Many Requests';

/** Returns a frame with API Gateway's exact text. AWS has a space after `"message":` and none after the other names. */
function gatewayFrame(message: GatewayMessage, ids: { connectionId: string; requestId: string }): string {
  return `{"message": "${message}", "connectionId":"${ids.connectionId}", "requestId":"${ids.requestId}"}`;
}

/** Serves one message of a client. Resolves to the text for the client; undefined if nothing is sent. */
export type ServeMessage = (connection: ConnectionFacts, body: string) => Promise<string | undefined>;

/** Prepares the handling of messages: throttle, route, integration, route response. */
export function createServeMessage(context: GatewayContext, selectRouteKey: RouteKeySelector): ServeMessage {
  const findRoute = createRouteFinder(context.routes);
  return async (connection, body) => {
    const source = newEventSource(context, connection);
    const refuse = (message: GatewayMessage): string =>
      gatewayFrame(message, { connectionId: connection.connectionId, requestId: source.occasion.requestId });
    if (!context.takeToken()) return refuse('Too Many Requests');
    const route = findRoute(selectRouteKey(body));
    if (route === undefined) return refuse('Forbidden');
    const answer = await runRoute(context, { route, source, body });
    return 'failure' in answer ? refuse(answer.failure) : answer.reply;
  };
}

async function runRoute(
  context: GatewayContext,
  { route, source, body }: { route: RouteModel; source: EventSource; body: string },
): Promise<{ reply: string | undefined } | { failure: GatewayMessage }> {
  const message = { routeKey: route.routeKey, messageId: context.ids.requestId(), body };
  const outcome = await callIntegration(context.invoke, {
    functionArn: route.functionArn,
    permitted: route.permitted,
    timeoutMs: route.integrationTimeoutMs,
    event: messageEvent(source, message),
  });
  if (outcome.kind === 'timed-out') {
    context.terminal.warn(`route ${route.routeKey} timed out after ${route.integrationTimeoutMs} ms`);
    return { failure: 'Endpoint request timed out' };
  }
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
