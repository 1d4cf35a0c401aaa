/**
 * What came of one PostToConnection.
 * - `gone`: 410.
 * - `throttled`: 429, which also means that this client's buffer is full.
 * - `unanswered`: nothing came before the deadline, which may be this connection's doing.
 * - `refused`: 400 or 413; this frame will never be taken.
 * - `failed`: 5xx, 403, a reset: the endpoint's doing, whatever the connection.
 */
export type PostOutcome = 'delivered' | 'gone' | 'throttled' | 'unanswered' | 'refused' | 'failed';

/** How long a post waits for its answer. */
export interface Patience {
  readonly timeoutMs: number;
  /** LATE_MS unless said. */
  readonly lateMs?: number;
  /** Called when there is no answer after `lateMs`; calling `giveUp` ends the post at once, as unanswered. */
  readonly onLate?: (giveUp: () => void) => void;
}

/** Sends one frame to one connection. Never rejects. */
export type Post = (connectionId: string, frame: string, patience: Patience) => Promise<PostOutcome>;
