import type { ErrorFrame, Fault } from '../../shared/protocol/server-frames.ts';
import type { RealtimeErrorCode } from './types.ts';

interface RealtimeErrorOptions {
  readonly details?: readonly Fault[] | undefined;
  readonly topics?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** The reason why a request failed. After `timeout` or `closed` the server may have done it all the same. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  readonly code: RealtimeErrorCode;
  /** The faults of a frame that the server refused with `bad-frame`. */
  readonly details: readonly Fault[] | undefined;
  /** The topics that the token does not permit, or the topic patterns that were revoked. */
  readonly topics: readonly string[] | undefined;

  constructor(code: RealtimeErrorCode, message: string, options: RealtimeErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details;
    this.topics = options.topics;
  }
}

/** Creates the error of a call after `close()`. */
export const closedError = (): RealtimeError => new RealtimeError('closed', 'The client is closed.');

/** Creates the error of an `error` frame. */
export const realtimeErrorOf = (frame: ErrorFrame): RealtimeError => new RealtimeError(frame.code, frame.message, frame);
