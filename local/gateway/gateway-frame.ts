/** The messages that API Gateway itself sends to a client, also on one-way routes. */
export type GatewayMessage = 'Forbidden' | 'Internal server error' | 'Endpoint request timed out' | 'Too Many Requests';

/** Returns a frame with API Gateway's exact text. AWS has a space after `"message":` and none after the other names. */
export function gatewayFrame(message: GatewayMessage, ids: { connectionId: string; requestId: string }): string {
  return `{"message": "${message}", "connectionId":"${ids.connectionId}", "requestId":"${ids.requestId}"}`;
}
