import type { CounterFrame } from '../shared/protocol/client-frames.ts';
import type { TopicWriter } from '../shared/publish/topic-writer.ts';
import { ownKey } from '../shared/store/own-key.ts';
import type { AckFields } from '../shared/protocol/answers.ts';
import type { Caller } from './web-socket-event.ts';

/**
 * Changes a counter for `plus` and `minus`: one atomic ADD on its head; with a `key`, in one transaction with the key's
 * record. Throws as `TopicWriter.increment`.
 */
export async function increment(
  writer: TopicWriter,
  frame: CounterFrame,
  caller: Pick<Caller, 'subject'>,
): Promise<AckFields> {
  const { counter, value, epoch, seq } = await writer.increment({ ...frame, key: ownKey(frame.key, caller) });
  return { counter, value, epoch, seq };
}
