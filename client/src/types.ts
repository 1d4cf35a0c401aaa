import type { ErrorCode } from '../../shared/protocol/error-codes.ts';
import type { Position } from '../../shared/protocol/position.ts';

export type { Position };

/**
 * - `connecting`: a socket is being opened.
 * - `online`: frames travel.
 * - `offline`: the connection was lost or refused; the next attempt follows by itself.
 * - `closed`: by `close()`, for good.
 */
export type Status = 'connecting' | 'online' | 'offline' | 'closed';

/** Time, as far as the client needs it. */
export interface Clock {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Calls `callback` once after `delayMs`; what it returns cancels that. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/** What the client uses of a WebSocket: that of a browser, of Node, or of the package `ws`. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code?: number }) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export type SocketClass = new (url: string, protocols?: string[]) => Socket;

/** Calls `wake` whenever the device or the tab comes back to life; what it returns ends that. */
export type WakeSource = (wake: () => void) => () => void;

/** A token, or what gets one: asked anew for each connection, so that an expired one is never sent. */
export type Token = string | (() => string | Promise<string>);

export interface ConnectOptions {
  /** Topics to subscribe to in the URL itself, as the connection opens: saves a frame each. Default: none. */
  readonly topics?: readonly string[];
  /** For a server that asks for one. Default: none. */
  readonly token?: Token;
  /** How the token travels: as `token=` of the URL, or as a subprotocol, which logs of URLs do not show. Default: `query`. */
  readonly tokenIn?: 'query' | 'subprotocol';
  /** Requests that may wait for their answer, or for a connection; past it they are refused with `queue-full`. Default: 1,000. */
  readonly queueLimit?: number;
  /** A request without an answer is given up after so long, at most nine minutes; a publish may first wait for another as long. Default: 30 seconds. */
  readonly requestTimeoutMs?: number;
  /** How long the server lets a connection live: the next one is there before. Default: two hours, API Gateway's limit. */
  readonly lifetimeMs?: number;
  /** How long the server lets a connection be idle: a ping is sent before. Default: ten minutes, API Gateway's limit. */
  readonly idleMs?: number;
  /** Default: the global `WebSocket`. */
  readonly socketClass?: SocketClass;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** At least 0, below 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Default: a tab that is looked at again, and a network that is back, where there are such events. */
  readonly wakeSource?: WakeSource;
}

/** A server's code, or one of this library: never sent, not answered in time, too much waiting, ended by `close()`, no token. */
export type RealtimeErrorCode = ErrorCode | 'offline' | 'timeout' | 'queue-full' | 'closed' | 'no-token';

/** A message of a topic. */
export interface Message<Data = unknown> {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly data: Data;
  /** ISO 8601. */
  readonly publishedAt: string;
}

/** Messages are lost: what came after `last` and up to `now` cannot be had any more. With another epoch, how many is unknown. */
export interface Gap {
  readonly topic: string;
  readonly last: Position;
  readonly now: Position;
}

/** What became of an interruption (a lost connection, a missing message): said once for each. */
export interface Recovered {
  readonly topic: string;
  /** True: all that was missed has come. False: it cannot be had any more. */
  readonly recovered: boolean;
  /** Where the topic stood here before. */
  readonly last: Position;
  /** From where it goes on. */
  readonly now: Position;
  /** How many messages are lost; undefined where the numbering began anew, and nobody knows. */
  readonly lost: number | undefined;
}

/** A subscription stands: from this position on nothing is missed. */
export interface Subscribed extends Position {
  readonly topic: string;
  /** Whether all since the last known position was there. */
  readonly recovered: boolean;
}

/** Who is at a topic. A member is a connection; its name says nothing of it. */
export interface Presence {
  /** At most 10,000 of them, of a topic that had over 1,000 perhaps not all. */
  readonly members: ReadonlySet<string>;
  /** How many there are. */
  readonly count: number;
  /** The member that this client is. */
  readonly self: string;
}

/** Who came to a topic and who left it. */
export interface PresenceChange extends Presence {
  readonly topic: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/**
 * - `subscribing`: asked for, or catching up; messages wait.
 * - `live`: messages are passed on as they come.
 * - `failed`: the server refused it.
 * - `ended`: by `unsubscribe()`, or by `close()` of the connection.
 */
export type SubscriptionState = 'subscribing' | 'live' | 'failed' | 'ended';
