import type { Counter } from './counter.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { Status } from './types.ts';

export interface PublishOptions {
  /** False: not to this client itself. Default: true. */
  readonly echo?: boolean;
  /** Names this publish: a repeat with the same key within ten minutes counts once. Default: one of its own. */
  readonly key?: string;
}

/** Where a publish ended up. */
export interface Published {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface RealtimeEvents {
  readonly status: Status;
  /** What the server complained of without saying to which request it belongs, or a token that could not be got. */
  readonly error: RealtimeError;
}

/** Any topic, with data of any kind. */
export type AnyTopics = Readonly<Record<string, unknown>>;

/** The topics among the keys of `Topics`. */
export type TopicName<Topics> = Exclude<keyof Topics & string, `counter:${string}`>;

/** The counters among the keys of `Topics`, each of which is `counter:NAME` there. */
export type CounterName<Topics> = string extends keyof Topics ? string : NameAfterPrefix<keyof Topics>;

type NameAfterPrefix<Key> = Key extends `counter:${infer Name}` ? Name : never;

/** One connection to a server, through every reconnect, and what is followed by it. */
export interface Realtime<Topics extends object = AnyTopics> {
  readonly status: Status;
  /** Calls `listener` at each such event; what it returns ends that. */
  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void;
  /** Follows a topic. Throws for one that is followed already, or that is a counter's. */
  subscribe<Name extends TopicName<Topics>>(topic: Name, options?: SubscribeOptions): Subscription<Topics[Name]>;
  /** The shared counter of that name; the same object each time. */
  counter(name: CounterName<Topics>): Counter;
  /**
   * Publishes to a topic: at once when no other publish to it is under way, else together with what gathers until that one has
   * ended, in the order of the calls (not so with a `key`, or with `echo: false`: these go at once and alone). While offline it
   * waits for the connection; when all that takes too long, at most twice `requestTimeoutMs`, it is rejected.
   */
  publish<Name extends TopicName<Topics>>(
    topic: Name,
    data: Topics[Name],
    options?: PublishOptions,
  ): Promise<Published>;
  /** Ends the connection and all that is followed, for good. What still waits is rejected. */
  close(): void;
}
