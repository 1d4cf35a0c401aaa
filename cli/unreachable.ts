/** Whether a request was refused, because nobody listens, or late, because somebody listens and has not answered. */
export type Unreachable = 'refused' | 'late';

const REFUSED_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED']);
const LATE_CODES: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** The name of the errors of `AbortSignal.timeout` and of the SDK's timeouts. */
const LATE_NAME = 'TimeoutError';

/** The fields of an error that are read here. Node's own errors may be of another realm, where `instanceof` fails. */
interface ErrorFields {
  readonly name?: unknown;
  readonly message: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const isError = (value: unknown): value is ErrorFields =>
  typeof value === 'object' && value !== null && 'message' in value;

/**
 * Returns whether an error, or one that caused it, means that a server refused or was late; undefined for any other
 * error. Lateness is no absence: the remedies differ.
 */
export function unreachableBy(error: unknown): Unreachable | undefined {
  if (!isError(error)) return undefined;
  const code = String(error.code);
  if (REFUSED_CODES.has(code)) return 'refused';
  if (LATE_CODES.has(code) || error.name === LATE_NAME) return 'late';
  return unreachableBy(error.cause);
}

/** Returns the reason of a failed request: the message of the first error, or of the one that caused it. */
export function failureReason(error: unknown): string {
  if (!isError(error)) return String(error);
  return String(isError(error.cause) ? error.cause.message : error.message);
}
