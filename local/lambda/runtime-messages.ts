/** What the pool and the bootstrap of an execution environment tell each other. Types only: the bootstrap imports nothing. */

/** Pool to child: run this. */
export interface InvocationMessage {
  readonly requestId: string;
  readonly functionArn: string;
  /** The event as JSON text, so that it is serialized once and its size is known. */
  readonly payload: string;
  readonly deadlineMs: number;
  readonly traceId: string;
  readonly maxResponseBytes: number;
}

/** An error as Lambda's runtime client describes it. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** How much the child had written when it spoke: the pool waits for these bytes before it passes the message on. */
export interface WrittenOutput {
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

/** Child to pool. After `fatal` the process exits. */
export type ChildMessage = WrittenOutput &
  (
    | { readonly kind: 'ready' }
    | { readonly kind: 'success'; readonly payload: string }
    | { readonly kind: 'error'; readonly error: RuntimeError }
    | { readonly kind: 'fatal'; readonly error: RuntimeError }
  );
