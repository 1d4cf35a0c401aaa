/**
 * What API Gateway hands to a route's Lambda and takes back. Own types: `@types/aws-lambda` lacks the headers of
 * $connect and makes fields required that not every event has. Only what is used is named.
 */
export interface WebSocketEvent {
  readonly requestContext: {
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly connectionId: string;
    /** Epoch milliseconds. */
    readonly connectedAt: number;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
  };
  /** $connect only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** $connect only, and only if there is a query. */
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  /** MESSAGE only: the text of the frame. */
  readonly body?: string;
}

export interface WebSocketResult {
  readonly statusCode: number;
  /** Sent to the caller as a frame when the route is two-way. Absent: nothing is sent. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
