import type { Principal } from '../shared/auth/permissions.ts';
import type { Sender } from '../shared/store/subscription-record.ts';

/** The connection that sent a frame or a handshake, with the time at which API Gateway received it. */
export interface Caller extends Sender {
  /**
   * Time in epoch milliseconds of the frame's arrival at API Gateway, by its clock. API Gateway keeps no order between
   * the frames of a connection. A frame that is handled late does not change a record that a later frame has written.
   */
  readonly receivedAt: number;
}

/**
 * The event that API Gateway passes to a route's Lambda, with the fields that are used here. `@types/aws-lambda` has no
 * headers for `$connect`, and requires fields that not every event has.
 */
export interface WebSocketEvent {
  readonly requestContext: {
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly connectionId: string;
    /** Time of the handshake in epoch milliseconds. */
    readonly connectedAt: number;
    /** Time in epoch milliseconds at which API Gateway received the frame, the handshake or the close. */
    readonly requestTimeEpoch: number;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
    /** The authorizer's context with its principal. Absent in a stack without an authorizer. */
    readonly authorizer?: unknown;
  };
  /** The headers of the handshake. `$connect` only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The query of the URL. `$connect` only; absent without a query. */
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  /** The text of the frame. Messages only. */
  readonly body?: string;
}

/** The result that a route's Lambda returns to API Gateway. */
export interface WebSocketResult {
  readonly statusCode: number;
  /** The text that a two-way route sends to the caller as a frame. Absent: nothing is sent. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns the connection of a frame or a handshake, with the time of its arrival and what its token says of it. */
export const callerOf = (
  { connectionId, connectedAt, requestTimeEpoch }: WebSocketEvent['requestContext'],
  principal?: Principal,
): Caller => ({
  connectionId,
  connectedAt,
  receivedAt: requestTimeEpoch,
  ...(principal === undefined
    ? {}
    : {
        subject: principal.subject,
        tokenEnd: principal.tokenEnd,
        seen: principal.seen,
        profile: principal.profile,
      }),
});
