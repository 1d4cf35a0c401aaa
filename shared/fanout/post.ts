/**
 * What came of one PostToConnection.
 * - `gone`: 410.
 * - `throttled`: 429, which also means that this client's buffer is full.
 * - `unanswered`: nothing came before the deadline, which may be this connection's doing.
 * - `refused`: 400 or 413; this frame will never be taken.
 * - `failed`: 5xx, 403, a reset: the endpoint's doing, whatever the connection.
 */
export type PostOutcome = 'delivered' | 'gone' | 'throttled' | 'unanswered' | 'refused' | 'failed';

/** Sends one frame to one connection, once, within `timeoutMs`. Never rejects. */
export type Post = (connectionId: string, frame: string, timeoutMs: number) => Promise<PostOutcome>;
