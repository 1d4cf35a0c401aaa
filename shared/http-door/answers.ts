import type { ClientError } from '../errors.ts';
import type { ErrorCode } from '../protocol/error-codes.ts';
import type { StreamState } from '../store/stream-state.ts';
import { tailOf } from './offsets.ts';
import type { StreamAnswer } from './stream-request.ts';

type Headers = Readonly<Record<string, string>>;

/** The headers of every answer: no browser guesses a type, and pages of every origin may read what CORS lets them. */
const SECURITY: Headers = { 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'cross-origin' };

/** The header of answers that nobody may keep. */
export const NOT_KEPT: Headers = { 'Cache-Control': 'no-store' };

/** Returns an answer with the headers that every answer has. */
export const answer = (status: number, headers: Headers, body?: StreamAnswer['body']): StreamAnswer => ({
  status,
  headers: { ...SECURITY, ...headers },
  ...(body === undefined ? {} : { body }),
});

/** The text of a refusal, with further headers. */
interface Refusal {
  readonly message: string;
  readonly headers: Headers;
}

/** Returns the answer to a request that is refused, with a code and a text. */
export function refuse(status: number, code: string, refusal: string | Refusal): StreamAnswer {
  const { message, headers } = typeof refusal === 'string' ? { message: refusal, headers: {} } : refusal;
  const type = { 'Content-Type': 'application/json' };
  return answer(status, { ...NOT_KEPT, ...type, ...headers }, JSON.stringify({ code, message }));
}

/** Returns the headers that say where a stream ends, and whether it is closed. */
export const tailHeaders = (state: StreamState): Headers => ({
  'Stream-Next-Offset': tailOf(state),
  ...(state.isClosed ? { 'Stream-Closed': 'true' } : {}),
});

/** The answer for a stream that does not exist. */
export const missing = (): StreamAnswer => refuse(404, 'missing', 'There is no such stream.');

/** The answer for a stream that was deleted and is kept for its forks. */
export const gone = (): StreamAnswer => refuse(410, 'gone', 'The stream was deleted.');

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  'too-large': 413,
  forbidden: 403,
  'token-expired': 401,
  revoked: 403,
  'rate-limited': 429,
  unavailable: 503,
};

/** Returns the answer to a request that an error refuses. */
export function answerError({ code, message, retryAfterMs }: ClientError): StreamAnswer {
  const after = code === 'unavailable' ? 1_000 : retryAfterMs;
  const headers: Headers = after === undefined ? {} : { 'Retry-After': String(Math.ceil(after / 1_000)) };
  return refuse(STATUS[code] ?? 400, code, { message, headers });
}
