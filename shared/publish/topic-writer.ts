import { ClientError } from '../errors.ts';
import type { CounterFrame, PublishFrame } from '../protocol/client-frames.ts';
import { byteLength, encodeData } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import { counterTopic, DEFAULT_COUNTER, isCounterTopic } from '../protocol/topic.ts';
import type { CountedPosition, TopicStore } from '../store/topics.ts';
import type { TopicPosition } from '../store/written-head.ts';
import { checkData } from '../topics/check-data.ts';
import { boundsOf, type Definitions } from '../topics/read-definitions.ts';

/** A publish, as a checked frame names it. */
type PublishRequest = Pick<PublishFrame, 'topic' | 'data' | 'messages'> & {
  /** The idempotency key as it is stored. */
  readonly key?: string | undefined;
  /** The connection that is not to get its own messages back. */
  readonly exclude?: string;
  /** The authenticated publisher's subject. */
  readonly from?: string;
};

/** A change of a counter, as a checked frame names it. */
type CounterRequest = Pick<CounterFrame, 'action' | 'counter' | 'by' | 'min' | 'max'> & {
  /** The idempotency key as it is stored. */
  readonly key?: string | undefined;
};

/** The result of a change of a counter. */
export interface CountedValue extends CountedPosition {
  readonly counter: string;
}

/** The dependencies of a writer. */
export interface TopicWriterDeps {
  readonly store: TopicStore;
  /** The definitions of the topics. Absent: any data is taken, and counters have the bounds of their requests. */
  readonly definitions?: Definitions | undefined;
  /** Returns whether a topic must exist before a publish. */
  readonly mustExist: (topic: string) => boolean;
}

/** The one way by which routes and back ends publish and count: the checks of data, and then one atomic write. */
export interface TopicWriter {
  /**
   * Publishes; resolves to the position of the last message. Throws ClientError: `bad-topic` for a counter's topic and
   * for one that must exist and does not, `bad-data` for data that does not fit the topic's schema, `too-large` and
   * `bad-frame` as `encodeData`, and `too-large` for messages that together exceed a frame.
   */
  readonly publish: (request: PublishRequest) => Promise<TopicPosition>;
  /** Changes a counter. Throws ClientError: `out-of-bounds`, and `bad-topic` for one that must exist and does not. */
  readonly increment: (request: CounterRequest) => Promise<CountedValue>;
}

/** Creates the writer of a Lambda or of a back end. */
export const createTopicWriter = (deps: TopicWriterDeps): TopicWriter => ({
  publish: (request) => publish(deps, request),
  increment: (request) => increment(deps, request),
});

async function publish(deps: TopicWriterDeps, request: PublishRequest): Promise<TopicPosition> {
  const { topic, data, messages = [data], key, exclude, from } = request;
  if (isCounterTopic(topic)) {
    throw new ClientError('bad-topic', 'Only `plus` and `minus` publish to a counter’s topic.');
  }
  const texts = messages.map((message) => encodeData(message));
  // Numbers may grow when JSON is parsed and written again (1e20 becomes 21 digits), so the sum is checked here too.
  if (byteLength(texts.join()) > LIMITS.FRAME_BYTES) {
    throw new ClientError('too-large', `\`messages\` together are at most ${LIMITS.FRAME_BYTES} bytes as JSON.`);
  }
  const { definitions } = deps;
  if (definitions !== undefined) {
    await checkData(definitions, { topic, messages, isList: request.messages !== undefined });
  }
  return deps.store.publish(
    {
      topic,
      messages: texts,
      ...(exclude === undefined ? {} : { exclude }),
      ...(from === undefined ? {} : { from }),
      mustExist: deps.mustExist(topic),
    },
    key,
  );
}

async function increment(deps: TopicWriterDeps, request: CounterRequest): Promise<CountedValue> {
  const { action, counter = DEFAULT_COUNTER, by = 1, min, max, key } = request;
  const topic = counterTopic(counter);
  const change = {
    topic,
    delta: action === 'plus' ? by : -by,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(deps.definitions === undefined ? {} : { defined: boundsOf(deps.definitions, topic) }),
    mustExist: deps.mustExist(topic),
  };
  return { counter, ...(await deps.store.increment(change, key)) };
}
