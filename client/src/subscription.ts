import type { RealtimeError } from './realtime-error.ts';
import type { TopicEvents } from './topic-receiver.ts';
import type {
  ClosedTopic,
  Gap,
  HistoryPage,
  Member,
  Message,
  Position,
  Presence,
  PresenceChange,
  Recovered,
  Subscribed,
  SubscriptionState,
} from './types.ts';

/** The options of `subscribe`. */
export interface SubscribeOptions {
  /** The number of past messages to begin with, at most 100. Default: none. */
  readonly history?: number;
  /** Whether the server may send several messages in one frame. Default: true. */
  readonly batch?: boolean;
  /** Whether to report the members of the topic and their changes. Default: false. */
  readonly presence?: boolean;
}

/** The options of `history`. */
export interface HistoryOptions {
  /** The position before which messages are wanted: a message, or the `before` of a page. */
  readonly before: Position;
  /** The number of messages, from 1 to 100. Default: 100. */
  readonly limit?: number;
}

/** The events of a subscription. */
export interface SubscriptionEvents<Data> extends TopicEvents {
  /** A message. Each is delivered once, in the order of `seq`. */
  readonly message: Message<Data>;
  readonly subscribed: Subscribed;
  readonly gap: Gap;
  readonly recovered: Recovered;
  /** The end of a topic, once all of its messages were delivered: it was closed by HTTP. */
  readonly closed: ClosedTopic;
  readonly presence: PresenceChange;
  /** A member that joined; at the first list, each one that is there. */
  readonly join: Member;
  /** A member that left. One that comes back within some seconds has not. */
  readonly leave: Member;
  /** A member whose state or profile changed. */
  readonly update: Member;
}

/**
 * A subscription to one topic, kept through every reconnect. `for await` yields its messages until it is unsubscribed,
 * or the topic is closed.
 */
export interface Subscription<Data = unknown> extends AsyncIterable<Message<Data>, undefined> {
  readonly topic: string;
  readonly state: SubscriptionState;
  /** The error of a `failed` subscription; undefined in any other state. */
  readonly error: RealtimeError | undefined;
  /** The position of the last message taken; undefined before the first answer. */
  readonly position: Position | undefined;
  /** The position at which the topic was closed, once everything before it was delivered; undefined otherwise. */
  readonly closedAt: Position | undefined;
  /** The members of the topic; undefined before the first list, and without the option `presence`. */
  readonly presence: Presence | undefined;
  /** Returns the members of the topic; empty before the first list, and without the option `presence`. */
  members(): readonly Member[];
  /** Calls `listener` at each `name` event. Returns a function that removes this registration. */
  on<Name extends keyof SubscriptionEvents<Data>>(
    name: Name,
    listener: (event: SubscriptionEvents<Data>[Name]) => void,
  ): () => void;
  /**
   * Fetches the messages before a position. They are not events, and the subscription goes on as it is. Rejects with a
   * `RealtimeError`.
   */
  history(options: HistoryOptions): Promise<HistoryPage<Data>>;
  /** Ends this subscription. The client unsubscribes from the topic with the last subscription to it. */
  unsubscribe(): void;
}
