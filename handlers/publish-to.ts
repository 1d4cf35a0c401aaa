import { ClientError } from '../shared/errors.ts';
import type { PublishFrame } from '../shared/protocol/client-frames.ts';
import { byteLength, encodeData } from '../shared/protocol/decode-frame.ts';
import { LIMITS } from '../shared/protocol/limits.ts';
import { isCounterTopic } from '../shared/protocol/topic.ts';
import { ownKey } from '../shared/store/own-key.ts';
import type { TopicStore } from '../shared/store/topics.ts';
import type { AckFields } from './answers.ts';
import type { Caller } from './web-socket-event.ts';

type Publication = Omit<PublishFrame, 'action' | 'id'>;

/**
 * Publishes for every route that publishes: one atomic write. Throws `bad-topic` for a counter's topic, `too-large` for
 * data over its limit.
 */
export async function publishTo(store: TopicStore, publication: Publication, caller: Caller): Promise<AckFields> {
  const { topic, data, messages = [data], key, echo } = publication;
  if (isCounterTopic(topic))
    throw new ClientError('bad-topic', 'Only `plus` and `minus` publish to a counter’s topic.');
  const texts = messages.map((message) => encodeData(message));
  // Numbers may grow when JSON is parsed and written again (1e20 becomes 21 digits), so the sum is checked here too.
  if (byteLength(texts.join()) > LIMITS.FRAME_BYTES) {
    throw new ClientError('too-large', `\`messages\` together are at most ${LIMITS.FRAME_BYTES} bytes as JSON.`);
  }
  const exclude = echo === false ? { exclude: caller.connectionId } : {};
  const from = caller.subject === undefined ? {} : { from: caller.subject };
  const { epoch, seq } = await store.publish({ topic, messages: texts, ...exclude, ...from }, ownKey(key, caller));
  return { topic, epoch, seq };
}
