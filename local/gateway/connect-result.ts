/** The result of a `$connect` function. */
export interface ConnectResult {
  readonly statusCode: number;
  readonly subprotocol?: string;
}

const SUBPROTOCOL_HEADER = 'sec-websocket-protocol';

/** An HTTP token, the syntax of a subprotocol. Any other text could add headers to the response. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Decodes the result of `$connect`. Returns undefined for a malformed result, which is answered with 502. */
export function decodeConnectResult(payload: unknown): ConnectResult | undefined {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return undefined;
  const statusCode = Number(payload.statusCode);
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) return undefined;
  const subprotocol = 'headers' in payload ? findSubprotocol(payload.headers) : undefined;
  if (subprotocol === undefined) return { statusCode };
  return TOKEN.test(subprotocol) ? { statusCode, subprotocol } : undefined;
}

function findSubprotocol(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === SUBPROTOCOL_HEADER);
  return entry === undefined ? undefined : String(entry[1]);
}
