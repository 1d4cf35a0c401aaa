import { ClientError } from '../../shared/errors.ts';
import type { ErrorCode } from '../../shared/protocol/error-codes.ts';
import type { Fault } from '../../shared/protocol/server-frames.ts';

/** The codes with which a publish or a change of a counter can be refused. The wire has the same ones. */
export type PublishErrorCode = Extract<
  ErrorCode,
  'bad-frame' | 'bad-topic' | 'bad-data' | 'topic-closed' | 'too-large' | 'out-of-bounds' | 'unavailable'
>;

/**
 * The reason why a publish or a change of a counter failed. `unavailable` has the error of DynamoDB as its cause; the
 * write may have been made all the same, so repeat it with a `key` alone. With any other code nothing was written.
 */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly code: PublishErrorCode;
  /** The faults of the arguments, each with its path and a reason; empty if there is none to name. */
  readonly details: readonly Fault[];

  constructor(code: PublishErrorCode, message: string, options: PublishErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }
}

interface PublishErrorOptions {
  readonly details?: readonly Fault[];
  readonly cause?: unknown;
}

const CODES: ReadonlySet<string> = new Set<PublishErrorCode>([
  'bad-frame',
  'bad-topic',
  'bad-data',
  'topic-closed',
  'too-large',
  'out-of-bounds',
  'unavailable',
]);

const isCode = (code: string): code is PublishErrorCode => CODES.has(code);

/**
 * Returns the error of a failed publish: a refusal with its code, and any other error as the cause of `unavailable`.
 */
export function publishErrorOf(error: unknown): PublishError {
  if (error instanceof ClientError && isCode(error.code)) {
    return new PublishError(error.code, error.message, { details: error.details, cause: error.cause });
  }
  const name = error instanceof Error ? error.name : typeof error;
  return new PublishError('unavailable', `The write failed (${name}).`, { cause: error });
}
