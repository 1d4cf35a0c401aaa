import type { FollowerEvents } from './follower.ts';
import type {
  Gap,
  Message,
  Position,
  Presence,
  PresenceChange,
  Recovered,
  Subscribed,
  SubscriptionState,
} from './types.ts';

export interface SubscribeOptions {
  /** Begin with the last so many messages, at most 100. Default: none. */
  readonly history?: number;
  /** Let the server send several messages in one frame. Default: true. */
  readonly batch?: boolean;
  /** Tell who comes to the topic and who leaves it. Default: false. */
  readonly presence?: boolean;
}

export interface SubscriptionEvents<Data> extends FollowerEvents {
  /** Each message once, in the order of `seq`. */
  readonly message: Message<Data>;
  readonly subscribed: Subscribed;
  readonly gap: Gap;
  readonly recovered: Recovered;
  readonly presence: PresenceChange;
}

/** One topic, followed through every reconnect. `for await` goes through its messages, until it is unsubscribed. */
export interface Subscription<Data = unknown> extends AsyncIterable<Message<Data>, undefined> {
  readonly topic: string;
  readonly state: SubscriptionState;
  /** Where it stands; undefined before the first answer. */
  readonly position: Position | undefined;
  /** Who is there; undefined before the first answer, and unless asked for. */
  readonly presence: Presence | undefined;
  /** Calls `listener` at each such event; what it returns ends that. */
  on<Name extends keyof SubscriptionEvents<Data>>(
    name: Name,
    listener: (event: SubscriptionEvents<Data>[Name]) => void,
  ): () => void;
  unsubscribe(): void;
}
