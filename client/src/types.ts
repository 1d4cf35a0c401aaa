import type { ErrorCode } from '../../shared/protocol/error-codes.ts';
import type { Position } from '../../shared/protocol/position.ts';
import type { Fault } from '../../shared/protocol/server-frames.ts';

export type { Fault, Position };

/**
 * The status of a client.
 * - `connecting`: a socket is being opened.
 * - `online`: the connection is open.
 * - `offline`: the connection was lost or refused. The client tries again by itself.
 * - `disconnected`: `disconnect()` was called, or the client has stopped, because its token is of no use any more.
 *   `connect()` ends this.
 * - `closed`: `close()` was called. The client cannot be used again.
 */
export type Status = 'connecting' | 'online' | 'offline' | 'disconnected' | 'closed';

/** The time source of a client: a clock that never goes back, and timers. */
export interface Clock {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Calls `callback` once after `delayMs`. Returns a function that cancels the call. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/** The part of a WebSocket that the client uses. The classes of browsers, Node and the package `ws` have it. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code?: number }) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** A WebSocket class. */
export type SocketClass = new (url: string, protocols?: string[]) => Socket;

/**
 * A function that calls `wake` whenever the device or the tab becomes active again. Returns a function that ends this.
 */
export type WakeSource = (wake: () => void) => () => void;

/** A function that receives the text of each frame: `out` for a sent one, `in` for a received one. */
export type DebugListener = (direction: 'in' | 'out', text: string) => void;

/**
 * A token, or a function that returns one. The function is called for each connection, so that no expired token is
 * sent. If it returns none, or rejects with an error whose `code` is `unauthorized`, the client stops.
 */
export type Token = string | (() => NoToken | string | Promise<NoToken | string>);

type NoToken = null | undefined;

/** The transport of a client: a WebSocket alone, HTTP alone, or HTTP where no WebSocket can be opened. */
export type Transport = 'auto' | 'websocket' | 'http';

/** The options of `connect`. */
export interface ConnectOptions {
  /** Topics that the URL subscribes to while the connection opens. Saves one frame per topic. Default: none. */
  readonly topics?: readonly string[];
  /** The token for a server that requires one. Default: none. */
  readonly token?: Token;
  /** The place of the token: a subprotocol, or `token=` in the URL, which logs may show. Default: `subprotocol`. */
  readonly tokenIn?: 'query' | 'subprotocol';
  /**
   * The number of publishes and counter changes that may wait for a connection or an answer. One more fails with
   * `queue-full`. Default: 1,000.
   */
  readonly queueLimit?: number;
  /**
   * Deadline of a request in ms, at most nine minutes. A publish may first wait as long for an earlier one. Default:
   * 30,000.
   */
  readonly requestTimeoutMs?: number;
  /**
   * Age in ms at which the server closes a connection. The next one is opened before. Default: two hours, API Gateway's
   * limit.
   */
  readonly lifetimeMs?: number;
  /**
   * Idle time in ms after which the server closes a connection. A ping is sent before. Default: ten minutes, API
   * Gateway's limit.
   */
  readonly idleMs?: number;
  /**
   * The transport. `auto`: a WebSocket, and HTTP where two handshakes failed and the door answers; the WebSocket is
   * used again once it can be opened. Default: `auto`; with the option `socketClass`, `websocket`.
   */
  readonly transport?: Transport;
  /** The address of the server's HTTP door. Default: that of the WebSocket, without its path. */
  readonly httpUrl?: string;
  /** The WebSocket class. Default: the global `WebSocket`. */
  readonly socketClass?: SocketClass;
  /** The clock and timers. Default: `performance.now` and `setTimeout`. */
  readonly clock?: Clock;
  /**
   * The time of day in ms, which goes on while the device sleeps. Default: `Date.now`; with the option `clock`, that
   * one.
   */
  readonly wallClock?: () => number;
  /** A source of random numbers from 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
  /**
   * The source of wake events. Default: a tab that becomes visible, and a network that is back, where such events
   * exist.
   */
  readonly wakeSource?: WakeSource;
  /** A function that receives each frame, sent and received. Default: none. */
  readonly debug?: DebugListener;
}

/** The code of an error: one of the server's, or one of this library. The README explains each. */
export type RealtimeErrorCode =
  | ErrorCode
  | 'offline'
  | 'timeout'
  | 'queue-full'
  | 'closed'
  | 'unauthorized'
  | 'no-token'
  | 'no-socket'
  | 'needs-websocket';

/** A message of a topic. */
export interface Message<Data = unknown> {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly data: Data;
  /** ISO 8601. */
  readonly publishedAt: string;
  /** The subject of the publisher's token, set by the server; absent if the server does not authenticate. */
  readonly from?: string;
}

/** Older messages of a topic, as `history` returns them. */
export interface HistoryPage<Data = unknown> {
  /** The messages in the order of `seq`, oldest first. */
  readonly messages: readonly Message<Data>[];
  /** The position to ask for the next page with; undefined when there are no older messages. */
  readonly before: Position | undefined;
  /** Whether there are older messages. */
  readonly more: boolean;
  /** Whether nothing is missing. If false, older messages existed, and have expired. */
  readonly complete: boolean;
}

/**
 * A loss of messages: those after `last`, up to `now`, cannot be fetched any more. With another epoch their number is
 * unknown.
 */
export interface Gap {
  readonly topic: string;
  readonly last: Position;
  readonly now: Position;
}

/** The end of an interruption: a lost connection or a missing message. Reported once for each. */
export interface Recovered {
  readonly topic: string;
  /** Whether all missed messages were received. If false, they cannot be fetched any more. */
  readonly recovered: boolean;
  /** The position before the interruption. */
  readonly last: Position;
  /** The position from which the subscription goes on. */
  readonly now: Position;
  /** The number of lost messages; undefined when the epoch changed. */
  readonly lost: number | undefined;
}

/** A subscription that was established: from this position on nothing is missed. */
export interface Subscribed extends Position {
  readonly topic: string;
  /** Whether all messages since the last known position were received. */
  readonly recovered: boolean;
}

/** A topic that was closed: nothing comes after this position. */
export interface ClosedTopic extends Position {
  readonly topic: string;
}

/** A member of a topic: the subject of a token, or a connection if the server does not authenticate. */
export interface Member {
  /** The subject, which is also `from` in its messages; or a random name of the connection. */
  readonly id: string;
  /** The public profile of its token. Absent: none. */
  readonly profile?: unknown;
  /** The state that it has set by `presence(topic).set(state)`. Absent: none. */
  readonly state?: unknown;
}

/** The state of this client's member in a topic: what the other members see of it, as that it is typing. */
export interface OwnPresence {
  /**
   * Sets the state, any JSON of at most 1 KB; `null` ends it. At most one a second is sent: of several the last. Each
   * new connection sets the state again, which ends with the subscription. An error is an `error` event of the
   * subscription. Throws `not-subscribed` without a subscription to the topic.
   */
  set(state: unknown): void;
}

/** The members of a topic by their ids. */
export interface Presence {
  /** The ids of the known members, at most 10,000. The list of a topic with over 1,000 members may be incomplete. */
  readonly members: ReadonlySet<string>;
  /** The exact number of members. */
  readonly count: number;
  /** The id of this client's own member. */
  readonly self: string;
}

/** A change of the members of a topic. */
export interface PresenceChange extends Presence {
  readonly topic: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/**
 * The state of a subscription.
 * - `subscribing`: requested, or catching up. Messages wait.
 * - `live`: messages are delivered as they arrive.
 * - `failed`: the server refused the subscription.
 * - `ended`: `unsubscribe()` or `close()` was called.
 */
export type SubscriptionState = 'subscribing' | 'live' | 'failed' | 'ended';
