/** What API Gateway itself tells a client, on one-way routes too. */
export type GatewayMessage = 'Forbidden' | 'Internal server error' | 'Endpoint request timed out' | 'Too Many Requests';

/** The frame's exact text: AWS has a space after `"message":` and none after the other names. */
export function gatewayFrame(message: GatewayMessage, ids: { connectionId: string; requestId: string }): string {
  return `{"message": "${message}", "connectionId":"${ids.connectionId}", "requestId":"${ids.requestId}"}`;
}
