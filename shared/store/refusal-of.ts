import { ClientError } from '../errors.ts';
import type { Item } from './attributes.ts';
import type { HeadUpdate } from './head-update.ts';

/**
 * Returns the refusal of an update whose condition failed, from the head as it was: the topic must exist and does not,
 * or the counter would leave its bounds.
 */
export function refusalOf({ mustExist }: HeadUpdate, head: Item | undefined, cause: unknown): ClientError {
  if (!mustExist || head?.['seq'] !== undefined) {
    return new ClientError('out-of-bounds', 'The counter would leave its bounds; it was not changed.', { cause });
  }
  return new ClientError('bad-topic', 'The topic does not exist, and a client may not create it.', {
    cause,
    details: [{ path: 'topic', reason: 'does not exist; only a server creates it' }],
  });
}
