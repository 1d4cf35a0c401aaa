import type { CounterFrame } from '../shared/protocol/client-frames.ts';
import { counterTopic, DEFAULT_COUNTER } from '../shared/protocol/topic.ts';
import { ownKey } from '../shared/store/own-key.ts';
import type { TopicStore } from '../shared/store/topics.ts';
import type { AckFields } from './answers.ts';
import type { Caller } from './web-socket-event.ts';

/**
 * Changes a counter for `plus` and `minus`: one atomic ADD on its head; with a `key`, in one transaction with the key's
 * record. Throws `out-of-bounds`.
 */
export async function increment(store: TopicStore, frame: CounterFrame, caller: Caller): Promise<AckFields> {
  const { counter = DEFAULT_COUNTER, by = 1, min, max, key, action } = frame;
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const delta = action === 'plus' ? by : -by;
  const change = { topic: counterTopic(counter), delta, ...bounds };
  const { value, epoch, seq } = await store.increment(change, ownKey(key, caller));
  return { counter, value, epoch, seq };
}
