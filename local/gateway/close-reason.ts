/** How a connection ended, as `$disconnect` is told. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

/** Idle, too old, or the gateway goes down. */
export const GOING_AWAY: CloseReason = { code: 1001, reason: 'Going away' };

/** `DELETE` of the connection. */
export const CLOSED_NORMALLY: CloseReason = { code: 1000, reason: 'Connection Closed Normally' };

/** A binary frame. What AWS gives as the reason is not known. */
export const BINARY_REFUSED: CloseReason = { code: 1003, reason: '' };

/** A message or a frame over its limit. What AWS gives as the reason is not known. */
export const TOO_LARGE: CloseReason = { code: 1009, reason: '' };

const NO_STATUS_CODE = 1005;
const NO_STATUS_REASON = 'Client-side close frame status not set';

/** Broken off without a close. AWS's own text for this is not known. */
export const ABNORMAL: CloseReason = { code: 1006, reason: 'Connection closed abnormally' };

/** The close code that `ws` answers each of its own complaints with; any other is a protocol error. */
const COMPLAINT_CODES: ReadonlyMap<string, number> = new Map([
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009],
  ['WS_ERR_INVALID_UTF8', 1007],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008],
]);
const PROTOCOL_ERROR_CODE = 1002;

/** The end of a connection that the client ended, or that broke. */
export function clientClose(code: number, reason: string): CloseReason {
  if (code === NO_STATUS_CODE) return { code, reason: NO_STATUS_REASON };
  return code === ABNORMAL.code ? ABNORMAL : { code, reason };
}

/** The end that `ws` already began because of what the client sent; undefined: the error was the network's. */
export function complaintClose(error: Error): CloseReason | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (!code.startsWith('WS_ERR_')) return undefined;
  return { code: COMPLAINT_CODES.get(code) ?? PROTOCOL_ERROR_CODE, reason: '' };
}
