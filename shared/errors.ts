import type { ErrorCode } from './protocol/error-codes.ts';
import type { Fault } from './protocol/server-frames.ts';

interface ClientErrorOptions {
  readonly details?: readonly Fault[];
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * An error that the client receives: its frame is wrong, or cannot be carried out now. `code`, `message`, `details`
 * and `retryAfterMs` go to the client in an `error` frame; `cause` goes to the log only.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ErrorCode;
  readonly details: readonly Fault[];
  /** Time in ms after which the same frame may be taken. Undefined: unknown. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** An error for a record of a table or its stream that lacks an attribute, or has one of another type or value. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError';
}

/**
 * An error for a missing or malformed environment variable of a Lambda: a mistake of deployment, found at cold start.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
