import { ClientError } from '../errors.ts';
import type { Item } from './attributes.ts';
import type { HeadUpdate } from './head-update.ts';
import { HeldTopicError } from './held-topic.ts';
import { STREAM } from './schema.ts';

/**
 * Returns the refusal of an update whose condition failed, from the head as it was: the topic must exist and does not,
 * its stream has to be looked at, or the counter would leave its bounds.
 */
export function refusalOf(
  { mustExist, delta }: HeadUpdate,
  head: Item | undefined,
  cause: unknown,
): ClientError | HeldTopicError {
  if (delta === undefined && head?.[STREAM.held] !== undefined) return new HeldTopicError(head, cause);
  if (!mustExist || head?.['seq'] !== undefined) {
    return new ClientError('out-of-bounds', 'The counter would leave its bounds; it was not changed.', { cause });
  }
  return new ClientError('bad-topic', 'The topic does not exist, and a client may not create it.', {
    cause,
    details: [{ path: 'topic', reason: 'does not exist; only a server creates it' }],
  });
}
