/** What clients connect to, and how. */
export interface Target {
  readonly kind: 'wire' | 'library' | 'counter' | 'plain' | 'socketio' | 'mqtt';
  readonly url: string;
  /** What every client is subscribed to, where the kind has such a thing; the first is published to. */
  readonly topics: readonly string[];
  /** Kind `wire`: ask for several frames in one. The library always does. */
  readonly batch?: boolean;
  /** Kind `plain`: what is put around a message that is sent. */
  readonly envelope?: { readonly before: string; readonly after: string };
}

/** One client, connected and subscribed. */
export interface Client {
  /** Sends one message: JSON text. */
  readonly publish: (message: string) => void;
  /** Kind `plain`: its connection id. */
  readonly id?: () => Promise<string>;
  /** Kind `counter`: the value that it was told last. */
  readonly value?: () => number;
}

/** Called for each message that arrived, with the time in it, in microseconds. */
export type OnStamp = (stampUs: number) => void;

export type OpenClient = (target: Target, onStamp: OnStamp) => Promise<Client>;
