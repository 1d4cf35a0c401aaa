/**
 * The messages between the pool and the bootstrap of an execution environment. Types only: the bootstrap imports
 * nothing.
 */

/** A part of a streamed result, in base64. The first one has the content type of them all. */
export interface ResponseChunk {
  readonly base64: string;
  readonly contentType?: string | undefined;
}

/** A message from the pool to the child: run this invocation. */
export interface InvocationMessage {
  readonly requestId: string;
  readonly functionArn: string;
  /** The event as JSON text, serialized once so that its size is known. */
  readonly payload: string;
  readonly deadlineMs: number;
  readonly traceId: string;
  /** The caller's client context as JSON text, if it sent one. */
  readonly clientContext?: string | undefined;
  readonly maxResponseBytes: number;
}

/** An error in the form of Lambda's runtime client. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/**
 * The bytes that the child had written when it sent the message. The pool waits for them before it passes the message
 * on.
 */
export interface WrittenOutput {
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

/** A message from the child to the pool. After `fatal` the process exits. */
export type ChildMessage = WrittenOutput &
  (
    | { readonly kind: 'ready' }
    /** A part of a streamed result. `success` comes after the last one. */
    | ({ readonly kind: 'chunk' } & ResponseChunk)
    | { readonly kind: 'success'; readonly payload: string }
    | { readonly kind: 'error'; readonly error: RuntimeError }
    | { readonly kind: 'fatal'; readonly error: RuntimeError }
  );
