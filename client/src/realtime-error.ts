import type { RealtimeErrorCode } from './types.ts';

/** Why a request was not done. After `timeout`, and only then, it may have been done all the same. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  readonly code: RealtimeErrorCode;

  constructor(code: RealtimeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const closedError = (): RealtimeError => new RealtimeError('closed', 'The connection is closed.');
