/**
 * What came of one PostToConnection. `gone`: 410. `throttled`: 429, which also means that this client's buffer is full.
 * `failed`: no answer that says anything about the connection (5xx, a reset, our deadline).
 */
export type PostOutcome = 'delivered' | 'gone' | 'throttled' | 'failed';

/** Sends one frame to one connection, once. Never rejects. */
export type Post = (connectionId: string, frame: string) => Promise<PostOutcome>;
