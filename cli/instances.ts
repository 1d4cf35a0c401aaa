/** The outputs of each Distributary of a stack, by what they are. The name of its instance precedes each. */
export const OUTPUTS = {
  webSocketUrl: 'WebSocketUrl',
  callbackUrl: 'CallbackUrl',
  topicsTable: 'TopicsTable',
  messagesTable: 'MessagesTable',
  keysTable: 'KeysTable',
  subscriptionsTable: 'SubscriptionsTable',
  failuresBucket: 'FailuresBucket',
  messageRetentionHours: 'MessageRetentionHours',
} as const;

/**
 * Returns the names of the instances in a stack, by its outputs: `Live` for `LiveWebSocketUrl` and its tables. The name
 * of the construct id `Default` is empty.
 */
export function listInstances(outputs: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(outputs)
    .filter((name) => name.endsWith(OUTPUTS.webSocketUrl))
    .map((name) => name.slice(0, -OUTPUTS.webSocketUrl.length))
    .filter((instance) => `${instance}${OUTPUTS.topicsTable}` in outputs);
}
