import type { PublishFrame } from '../shared/protocol/client-frames.ts';
import type { TopicWriter } from '../shared/publish/topic-writer.ts';
import { ownKey } from '../shared/store/own-key.ts';
import type { AckFields } from '../shared/protocol/answers.ts';
import type { Caller } from './web-socket-event.ts';

type Publication = Omit<PublishFrame, 'action' | 'id'>;

/** The publisher: a connection, or a request by HTTP, which has none. */
type Publisher = Pick<Caller, 'subject'> & Partial<Pick<Caller, 'connectionId'>>;

/** Publishes for every route that publishes, in the name of the caller. Throws as `TopicWriter.publish`. */
export async function publishTo(writer: TopicWriter, publication: Publication, caller: Publisher): Promise<AckFields> {
  const { topic, data, messages, key, echo } = publication;
  const { epoch, seq } = await writer.publish({
    topic,
    data,
    messages,
    key: ownKey(key, caller),
    ...(echo === false && caller.connectionId !== undefined ? { exclude: caller.connectionId } : {}),
    ...(caller.subject === undefined ? {} : { from: caller.subject }),
  });
  return { topic, epoch, seq };
}
