/** The close code and reason of a connection, as `$disconnect` receives them. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

/** The close reason of a connection that was idle or open for too long, or whose gateway shuts down. */
export const GOING_AWAY: CloseReason = { code: 1001, reason: 'Going away' };

/** The close reason of a connection that was deleted by `@connections`. */
export const CLOSED_NORMALLY: CloseReason = { code: 1000, reason: 'Connection Closed Normally' };

/** The close reason after a binary frame. The reason text of AWS is not known. */
export const BINARY_REFUSED: CloseReason = { code: 1003, reason: '' };

/** The close reason after a message or a frame over its limit. The reason text of AWS is not known. */
export const TOO_LARGE: CloseReason = { code: 1009, reason: '' };

const NO_STATUS_CODE = 1005;
const NO_STATUS_REASON = 'Client-side close frame status not set';

/** The close reason of a connection that broke without a close frame. The reason text of AWS is not known. */
export const ABNORMAL: CloseReason = { code: 1006, reason: 'Connection closed abnormally' };

/** The close code with which `ws` answers each of its errors. Any other error is a protocol error. */
const COMPLAINT_CODES: ReadonlyMap<string, number> = new Map([
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009],
  ['WS_ERR_INVALID_UTF8', 1007],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008],
]);
const PROTOCOL_ERROR_CODE = 1002;

/** Returns the close reason of a connection that the client closed or that broke. */
export function clientClose(code: number, reason: string): CloseReason {
  if (code === NO_STATUS_CODE) return { code, reason: NO_STATUS_REASON };
  return code === ABNORMAL.code ? ABNORMAL : { code, reason };
}

/**
 * Returns the close reason for invalid data from the client, after which `ws` has begun to close. Returns undefined for
 * a network error.
 */
export function complaintClose(error: Error): CloseReason | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (!code.startsWith('WS_ERR_')) return undefined;
  return { code: COMPLAINT_CODES.get(code) ?? PROTOCOL_ERROR_CODE, reason: '' };
}
