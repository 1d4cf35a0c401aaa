import { ClientError } from '../shared/errors.ts';
import type { PublishFrame } from '../shared/protocol/client-frames.ts';
import { encodeData } from '../shared/protocol/decode-frame.ts';
import { isCounterTopic } from '../shared/protocol/topic.ts';
import type { Connection } from '../shared/store/subscription-record.ts';
import type { TopicStore } from '../shared/store/topics.ts';
import type { AckFields } from './answers.ts';

type Publication = Omit<PublishFrame, 'action' | 'id'>;

/** The write of every route that publishes. Throws `bad-topic` for a counter's topic. */
export async function publishTo(
  store: TopicStore,
  publication: Publication,
  { connectionId }: Connection,
): Promise<AckFields> {
  const { topic, data, key, echo } = publication;
  if (isCounterTopic(topic)) throw new ClientError('bad-topic', 'Only plus and minus publish to a counter.');
  const exclude = echo === false ? { exclude: connectionId } : {};
  const { epoch, seq } = await store.publish({ topic, message: encodeData(data), ...exclude }, key);
  return { topic, epoch, seq };
}
