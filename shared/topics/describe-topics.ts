import { frameJsonSchemas } from '../protocol/frame-json-schemas.ts';
import { counterName, isCounterTopic } from '../protocol/topic.ts';
import type { DefinedBounds, TopicDefinitions } from './define-topics.ts';
import { readDefinitions } from './read-definitions.ts';
import { jsonSchemaOf, type ToJsonSchema } from './topic-json-schema.ts';

/** The options of a document of topics. */
export interface DescribeTopicsOptions {
  /** The title of the application. Default: `Topics`. */
  readonly title?: string;
  /** The version of the application's topics. Default: `1.0.0`. */
  readonly version?: string;
  /** The URL at which clients connect. Default: that of the local runtime, `ws://127.0.0.1:4000/live`. */
  readonly url?: string;
  /**
   * Returns the JSON Schema, draft 7, of a schema whose library does not write it by itself: that of `zod/mini`, or of
   * valibot. Default: such schemas are not described.
   */
  readonly toJsonSchema?: ToJsonSchema;
}

/** A topic whose schema could not be described: its data is any in the document. */
export interface Undescribed {
  /** The topic pattern of its definition. */
  readonly pattern: string;
  readonly reason: string;
}

/** An AsyncAPI 3 document of an application's topics. */
export interface TopicsDocument {
  /** The document, which JSON and YAML can express. */
  readonly document: Readonly<Record<string, unknown>>;
  /** The topics that it does not describe. */
  readonly undescribed: readonly Undescribed[];
}

interface Channel {
  /** The name of the channel in the document. */
  readonly key: string;
  readonly pattern: string;
  /** The JSON Schema of each frame, by its name: those of the client with an `action`, those of the server. */
  readonly received: Readonly<Record<string, object>>;
  readonly sent: Readonly<Record<string, object>>;
  readonly remark: string;
}

type Frames = ReturnType<typeof frameJsonSchemas>;

/**
 * Describes the topics of an application, as `defineTopics` returned them, by an AsyncAPI 3.1 document: a channel for
 * each topic or pattern, with the frames that its messages travel in. `send` and `receive` are the server's. A schema
 * that JSON Schema cannot express, or whose library does not write one, is named in the document and in the result.
 * Throws ConfigError for an invalid definition, and TypeError for an invalid URL.
 *
 * @example
 * const { document, undescribed } = describeTopics(topics, { title: 'Shop', url: 'wss://live.example.com/live' });
 */
export function describeTopics(topics: TopicDefinitions, options: DescribeTopicsOptions = {}): TopicsDocument {
  const { title = 'Topics', version = '1.0.0', url = 'ws://127.0.0.1:4000/live' } = options;
  const { schemas, counters } = readDefinitions(topics);
  const [keys, frames] = [keysOf(Object.keys(topics)), frameJsonSchemas()];
  const undescribed: Undescribed[] = [];
  const data: Record<string, object> = {};
  const channels = [...schemas].map(([pattern, schema]): Channel => {
    const key = keys.get(pattern) ?? pattern;
    const place = `#/components/schemas/${key}`;
    const described = jsonSchemaOf(schema, place, options.toJsonSchema);
    if ('reason' in described) undescribed.push({ pattern, reason: described.reason });
    data[key] = 'reason' in described ? { description: `Not described: ${described.reason}.` } : described.schema;
    return topicChannel(frames, { key, pattern, place });
  });
  const counted = [...counters].map(([pattern, bounds]) =>
    counterChannel(frames, { key: keys.get(pattern) ?? pattern, pattern, bounds }),
  );
  const info = { title, version, description: descriptionOf(undescribed) };
  return { document: documentOf([...channels, ...counted], { info, url, data }), undescribed };
}

/** Returns a name for each pattern that a channel of a document can have. */
function keysOf(patterns: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    patterns.map((pattern) => {
      const base = pattern.replace('*', 'each').replaceAll(/[^A-Za-z0-9_.-]+/g, '-');
      let key = base;
      for (let count = 2; taken.has(key); count += 1) key = `${base}-${count}`;
      taken.add(key);
      return [pattern, key];
    }),
  );
}

const PROTOCOL = [
  'One WebSocket carries the frames of all topics: JSON texts, of which each names its topic. A client subscribes by',
  '`{"action":"subscribe","topic":"…"}`. The other frames are those of the protocol.',
].join('\n');

const descriptionOf = (undescribed: readonly Undescribed[]): string =>
  [
    PROTOCOL,
    ...(undescribed.length === 0 ? [] : ['\nNot described, so that any data stands here for what the schema takes:\n']),
    ...undescribed.map(({ pattern, reason }) => `- \`${pattern}\`: ${reason}`),
  ].join('\n');

interface Placed {
  readonly key: string;
  readonly pattern: string;
}

function topicChannel(frames: Frames, { key, pattern, place }: Placed & { readonly place: string }): Channel {
  const [topic, data] = [namesOf(pattern), { $ref: place }];
  const { messages } = frames['publish']?.properties ?? {};
  return {
    key,
    pattern,
    received: { publish: withFields(frames['publish'], { topic, data, messages: { ...messages, items: data } }) },
    sent: { message: withFields(frames['message'], { topic, data }) },
    remark: pattern.endsWith('*') ? 'A topic with a channel of its own, or of a longer start, is described there.' : '',
  };
}

interface PlacedCounter extends Placed {
  readonly bounds: DefinedBounds;
}

function counterChannel(frames: Frames, { key, pattern, bounds: { min, max } }: PlacedCounter): Channel {
  const counter = namesOf(counterName(pattern));
  const value = {
    type: 'integer',
    description: 'The value of the counter.',
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
  return {
    key,
    pattern,
    received: {
      plus: withFields(frames['plus'], { counter }, ['counter']),
      minus: withFields(frames['minus'], { counter }, ['counter']),
    },
    sent: { state: withFields(frames['state'], { counter, value }) },
    remark: 'A counter: `plus` and `minus` change it.',
  };
}

/** Returns the JSON Schema of the names that a topic pattern matches. */
const namesOf = (pattern: string): object =>
  pattern.endsWith('*')
    ? { type: 'string', pattern: `^${pattern.slice(0, -1).replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')}.` }
    : { type: 'string', const: pattern };

/** Returns the JSON Schema of a frame with other ones for some of its fields. */
function withFields(frame: Frames[string] | undefined, fields: object, required: readonly string[] = []): object {
  const all = new Set([...(frame?.required ?? []), ...required]);
  return { ...frame, properties: { ...frame?.properties, ...fields }, required: [...all] };
}

interface DocumentParts {
  readonly info: object;
  readonly url: string;
  readonly data: Readonly<Record<string, object>>;
}

function documentOf(channels: readonly Channel[], { info, url, data }: DocumentParts) {
  const { host, protocol, pathname } = new URL(url);
  const frames = channels.flatMap(({ key, received, sent }) =>
    Object.entries({ ...received, ...sent }).map(([name, payload]) => ({ id: `${key}.${name}`, name, payload })),
  );
  return {
    asyncapi: '3.1.0',
    info,
    defaultContentType: 'application/json',
    servers: { live: { host, protocol: protocol.slice(0, -1), pathname } },
    channels: Object.fromEntries(channels.map((channel) => [channel.key, channelOf(channel)])),
    operations: Object.fromEntries(channels.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(frames.map(({ id, name, payload }) => [id, { name, payload }])),
      schemas: data,
    },
  };
}

function channelOf({ key, pattern, received, sent, remark }: Channel) {
  const isPattern = pattern.endsWith('*');
  const what = isCounterTopic(pattern) ? 'counter' : 'topic';
  return {
    address: isPattern ? `${pattern.slice(0, -1)}{name}` : pattern,
    ...(isPattern ? { parameters: { name: { description: `The rest of the ${what}’s name.` } } } : {}),
    ...(remark === '' ? {} : { description: remark }),
    messages: Object.fromEntries(
      Object.keys({ ...received, ...sent }).map((name) => [name, { $ref: `#/components/messages/${key}.${name}` }]),
    ),
  };
}

/** Returns the operations of a channel: one for each frame, as generators want them. */
function operationsOf({ key, received, sent }: Channel) {
  const operation = (action: 'send' | 'receive') => (name: string) =>
    [
      `${key}.${name}`,
      {
        action,
        channel: { $ref: `#/channels/${key}` },
        messages: [{ $ref: `#/channels/${key}/messages/${name}` }],
      },
    ] as const;
  return [...Object.keys(received).map(operation('receive')), ...Object.keys(sent).map(operation('send'))];
}
