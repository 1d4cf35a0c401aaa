import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENVIRONMENT, requiredText } from '../../shared/config.ts';
import { minusFrame, plusFrame, publishFrame } from '../../shared/protocol/client-frames.ts';
import { decodeFrame } from '../../shared/protocol/decode-frame.ts';
import { createTopicWriter, type TopicWriter } from '../../shared/publish/topic-writer.ts';
import { createClient, createUnretriedClient } from '../../shared/store/client.ts';
import { createTopicStore } from '../../shared/store/topics.ts';
import { traceIdIn } from '../../shared/store/trace-id.ts';
import { readDefinitions } from '../../shared/topics/read-definitions.ts';
import type { AnyTopics, CounterName, TopicData, TopicName } from '../../shared/topics/topic-types.ts';
import { asFrame } from './as-frame.ts';
import { publishErrorOf } from './publish-error.ts';

/** The options of `createPublisher`. */
export interface PublisherOptions<Topics extends object = AnyTopics> {
  /** The name of the table Topics. Default: the environment variable `TOPICS_TABLE`. */
  readonly topicsTable?: string;
  /** The name of the table Keys. Default: the environment variable `KEYS_TABLE`. */
  readonly keysTable?: string;
  /**
   * The client of DynamoDB. A write without a key goes through a second one with the same configuration and without
   * retries, because DynamoDB would count a repeated one twice. Default: a client by the environment.
   */
  readonly client?: DynamoDBClient;
  /**
   * The definitions of the topics, by which data and counters are typed and checked. Default: none; any data is taken.
   */
  readonly topics?: Topics;
}

/** The options of a publish. */
export interface WriteOptions {
  /** Idempotency key: within ten minutes the same key in the same topic counts once. Default: none. */
  readonly key?: string;
}

/** The options of a change of a counter. */
export interface IncrementOptions extends WriteOptions {
  /** The change is refused with `out-of-bounds` if the value would be under this bound. */
  readonly min?: number;
  /** The change is refused with `out-of-bounds` if the value would be over this bound. */
  readonly max?: number;
}

/** The position of a published message. */
export interface Published {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

/** The value of a counter after a change, with its position. */
export interface Counted {
  readonly counter: string;
  readonly value: number;
  readonly epoch: string;
  readonly seq: number;
}

/** A back end that publishes and counts. Each call is one atomic write; a failed one rejects with PublishError. */
export interface Publisher<Topics extends object = AnyTopics> {
  /** Publishes a message. `data` is any value that JSON can express. */
  publish<Name extends TopicName<Topics>>(
    topic: Name,
    data: TopicData<Topics, Name>,
    options?: WriteOptions,
  ): Promise<Published>;
  /** Publishes 1 to 50 messages by one write, all or none. Resolves to the position of the last. */
  publishAll<Name extends TopicName<Topics>>(
    topic: Name,
    messages: readonly TopicData<Topics, Name>[],
    options?: WriteOptions,
  ): Promise<Published>;
  /** Adds to a counter; a negative `by` subtracts. Default: 1. */
  increment(counter: CounterName<Topics>, by?: number, options?: IncrementOptions): Promise<Counted>;
  /** Closes the connections to DynamoDB. A client that was handed in stays open. */
  close(): void;
}

/**
 * Creates a publisher for a back end with permission to update items of Topics and to put items into Keys. Throws
 * ConfigError for the missing name of a table and for an invalid definition of a topic.
 *
 * @example
 * const publisher = createPublisher({ topicsTable, keysTable });
 * await publisher.publish('news', { title: 'Hello' }, { key: article.id });
 */
export function createPublisher<Topics extends object = AnyTopics>(
  options?: PublisherOptions<Topics>,
): Publisher<Topics>;
export function createPublisher(options: PublisherOptions<object> = {}): Publisher {
  const { writer, close } = openWriter(options);
  const publish = async (fields: object): Promise<Published> => {
    const { topic, data, messages, key } = decodeFrame(publishFrame, asFrame({ action: 'publish', ...fields }));
    const { epoch, seq } = await writer.publish({ topic, data, messages, key });
    return { topic, epoch, seq };
  };
  const increment = async (counter: string, by: number, options: IncrementOptions): Promise<Counted> => {
    const { min, max, key } = options;
    const fields = { counter, by: Math.abs(by), min, max, key };
    const frame =
      by < 0
        ? decodeFrame(minusFrame, asFrame({ action: 'minus', ...fields }))
        : decodeFrame(plusFrame, asFrame({ action: 'plus', ...fields }));
    const { value, epoch, seq } = await writer.increment(frame);
    return { counter, value, epoch, seq };
  };
  return {
    publish: (topic, data, { key } = {}) => refusing(() => publish({ topic, data, key })),
    publishAll: (topic, messages, { key } = {}) => refusing(() => publish({ topic, messages, key })),
    increment: (counter, by = 1, options = {}) => refusing(() => increment(counter, by, options)),
    close,
  };
}

/** Calls a function, whose error becomes a PublishError. */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw publishErrorOf(error);
  }
}

interface OpenWriter {
  readonly writer: TopicWriter;
  readonly close: () => void;
}

function openWriter({ topicsTable, keysTable, client: given, topics }: PublisherOptions<object>): OpenWriter {
  const client = given ?? createClient();
  const unretriedClient = given === undefined ? createUnretriedClient() : withoutRetries(given);
  const store = createTopicStore({
    client,
    unretriedClient,
    topicsTable: topicsTable ?? requiredText(ENVIRONMENT.topicsTable),
    keysTable: keysTable ?? requiredText(ENVIRONMENT.keysTable),
    now: Date.now,
    newEpoch: () => randomUUID().slice(0, 8),
    // Set by Lambda for each invocation; elsewhere a message has no trace.
    traceId: () => traceIdIn(process.env['_X_AMZN_TRACE_ID']),
  });
  const definitions = topics === undefined ? undefined : readDefinitions(topics);
  const close = (): void => {
    if (given !== undefined) return;
    client.destroy();
    unretriedClient.destroy();
  };
  return { writer: createTopicWriter({ store, definitions, mustExist: () => false }), close };
}

/** Returns a client with the configuration of another one that tries each call once. */
function withoutRetries({ config }: DynamoDBClient): DynamoDBClient {
  // These are resolved anew: the first from `maxAttempts`, the others from the environment.
  const { retryStrategy: _, serviceConfiguredEndpoint: _1, endpointDiscoveryEnabled: _2, ...others } = config;
  return new DynamoDBClient({ ...others, maxAttempts: 1 });
}
