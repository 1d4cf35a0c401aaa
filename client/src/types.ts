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
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export type SocketClass = new (url: string) => Socket;

export interface ConnectOptions {
  /** Topics to subscribe to in the URL itself, as the connection opens: saves a frame each. Default: none. */
  readonly topics?: readonly string[];
  /** Default: the global `WebSocket`. */
  readonly socketClass?: SocketClass;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** At least 0, below 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** A server's code, or what became of the request here: never sent, not answered in time, ended by `close()`. */
export type RealtimeErrorCode = ErrorCode | 'offline' | 'timeout' | 'queue-full' | 'closed';

/** A message of a topic. */
export interface Message {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly data: unknown;
  /** ISO 8601. */
  readonly publishedAt: string;
}

/** Messages are lost: what came after `last` and up to `now` cannot be had any more. With another epoch, how many is unknown. */
export interface Gap {
  readonly topic: string;
  readonly last: Position;
  readonly now: Position;
}

/** A subscription stands: from this position on nothing is missed. */
export interface Subscribed extends Position {
  readonly topic: string;
  /** Whether all since the last known position was there. */
  readonly recovered: boolean;
}

/**
 * - `subscribing`: asked for, or catching up; messages wait.
 * - `live`: messages are passed on as they come.
 * - `failed`: the server refused it.
 * - `ended`: by `unsubscribe()`, or by `close()` of the connection.
 */
export type SubscriptionState = 'subscribing' | 'live' | 'failed' | 'ended';
