/** The server that clients connect to, and how they use it. */
export interface LoadTarget {
  readonly kind: 'wire' | 'flooder' | 'library' | 'counter' | 'plain' | 'socketio' | 'mqtt' | 'long-poll' | 'events';
  readonly url: string;
  /** The topics that every client subscribes to, where the kind has topics. Messages are published to the first. */
  readonly topics: readonly string[];
  /** Kind `wire`: whether to ask for several frames in one. The library always does. */
  readonly batch?: boolean;
  /** Kind `plain`: the text around each sent message. */
  readonly envelope?: { readonly before: string; readonly after: string };
}

/** A client, connected and subscribed. */
export interface Client {
  /** Sends one message, a JSON text. */
  readonly publish: (message: string) => void;
  /** Kind `plain`: resolves to the connection id. */
  readonly id?: () => Promise<string>;
  /** Kind `counter`: returns the last value received. */
  readonly value?: () => number;
}

/** Called for each received message, with the time in it in microseconds. */
export type OnStamp = (stampUs: number) => void;

/** Connects and subscribes a client. */
export type OpenClient = (target: LoadTarget, onStamp: OnStamp) => Promise<Client>;
