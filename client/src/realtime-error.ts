import type { RealtimeErrorCode } from './types.ts';

/** The reason why a request failed. After `timeout` or `closed` the server may have done it all the same. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  readonly code: RealtimeErrorCode;

  constructor(code: RealtimeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const closedError = (): RealtimeError => new RealtimeError('closed', 'The connection is closed.');
