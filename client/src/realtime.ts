import type { AnyTopics, CounterName, TopicData, TopicName } from '../../shared/topics/topic-types.ts';
import type { Counter, CounterOptions } from './counter.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { OwnPresence, Status } from './types.ts';

/** The options of `publish`. */
export interface PublishOptions {
  /** Whether this client receives the message too, if subscribed. Default: true. */
  readonly echo?: boolean;
  /** Idempotency key: within ten minutes the same key in the same topic counts once. Default: a unique key. */
  readonly key?: string;
}

/** The position of a published message. */
export interface Published {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

/** The events of a client. */
export interface RealtimeEvents {
  readonly status: Status;
  /** An error that belongs to no request: one of the server without an `id`, or of the token or the socket. */
  readonly error: RealtimeError;
}

/** A client of one server, which reconnects by itself and keeps its subscriptions and counters. */
export interface Realtime<Topics extends object = AnyTopics> {
  readonly status: Status;
  /** The transport of the current connection, or of the last one. Changes without an event while it stays `online`. */
  readonly transport: 'websocket' | 'http';
  /** Calls `listener` at each `name` event. Returns a function that removes this registration. */
  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void;
  /**
   * Subscribes to a topic. Several subscriptions to one topic share one subscription on the wire. Throws if the topic
   * belongs to a counter, and for the 101st topic.
   */
  subscribe<Name extends TopicName<Topics>>(
    topic: Name,
    options?: SubscribeOptions,
  ): Subscription<TopicData<Topics, Name>>;
  /** Returns the access to this client's own state in a topic that it is subscribed to. */
  presence(topic: TopicName<Topics>): OwnPresence;
  /** Returns the shared counter of that name; the same object each time, unless a separate one is asked for. */
  counter(name: CounterName<Topics>, options?: CounterOptions): Counter;
  /**
   * Publishes to a topic. If no publish to the topic is in flight, the message is sent at once. Otherwise it waits and
   * is sent in one frame with the others that wait, in the order of the calls. A publish with a `key` or `echo: false`
   * never waits: it is sent at once in a separate frame. While offline, messages wait for the connection. Rejects after
   * at most twice `requestTimeoutMs`.
   */
  publish<Name extends TopicName<Topics>>(
    topic: Name,
    data: TopicData<Topics, Name>,
    options?: PublishOptions,
  ): Promise<Published>;
  /** Closes the connection until `connect()` is called. Subscriptions and counters stay, and catch up then. */
  disconnect(): void;
  /** Connects again at once, after the status `disconnected` or while offline. Throws after `close()`. */
  connect(): void;
  /** Closes the client for good, with all its subscriptions and counters. Waiting requests are rejected. */
  close(): void;
}
