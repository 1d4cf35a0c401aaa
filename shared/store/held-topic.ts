import { ClientError } from '../errors.ts';
import type { Item } from './attributes.ts';
import { mediaTypeOf } from './judge-append.ts';
import { decodeStream, isOver, JSON_TYPE, type StreamState } from './stream-state.ts';

/** An error, with the topic's head, for a publish to a topic whose stream has to be looked at first. */
export class HeldTopicError extends Error {
  override readonly name = 'HeldTopicError';
  readonly head: Item;

  constructor(head: Item, cause: unknown) {
    super('The topic is a stream that ends, is closed, or holds bytes.', { cause });
    this.head = head;
  }
}

/**
 * Returns the stream that a refused publish can be made in, or that its time is over. Throws ClientError:
 * `topic-closed` for a stream that takes no more messages, `bad-topic` for one that holds bytes.
 */
export function openStream(head: Item, nowMs: number): StreamState | 'over' {
  const state = decodeStream(head);
  if (state === undefined) return 'over';
  const isReplaceable = isOver(state, nowMs) && !state.isGone && state.forks === 0;
  if (isReplaceable) return 'over';
  if (state.isClosed || state.isGone || isOver(state, nowMs)) {
    throw new ClientError('topic-closed', 'The topic is closed: nothing more can be published to it.');
  }
  if (mediaTypeOf(state.settings.contentType) === JSON_TYPE) return state;
  throw new ClientError('bad-topic', 'The topic is a stream of bytes, which are appended by HTTP only.');
}
