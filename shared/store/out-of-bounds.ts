import { ClientError } from '../errors.ts';

/** The refusal of an increment that would leave the counter's bounds. */
export const outOfBounds = (cause: unknown): ClientError =>
  new ClientError('out-of-bounds', 'The counter would leave its bounds; it was not changed.', { cause });
