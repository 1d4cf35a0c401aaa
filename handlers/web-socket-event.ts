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
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
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
