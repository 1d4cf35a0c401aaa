import type { ErrorCode } from './protocol/error-codes.ts';
import type { Fault } from './protocol/server-frames.ts';

interface ClientErrorOptions {
  readonly details?: readonly Fault[];
  readonly cause?: unknown;
}

/** What a client did wrong, or cannot have now. Its code and message go to the client; its cause only to the log. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ErrorCode;
  readonly details: readonly Fault[];

  constructor(code: ErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }
}

/** A stream record that claims to be a change of a topic and is not a whole one. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError';
}

/** Something in the environment of a Lambda is missing or malformed: a mistake of deployment, found at cold start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
