import type { InvocationResult, Invoke } from '../model.ts';

/** An invocation of a function by API Gateway. */
export interface IntegrationCall {
  readonly functionArn: string | undefined;
  readonly permitted: boolean;
  readonly timeoutMs: number;
  readonly event: unknown;
  /** The connection that causes the invocation. The invocations of all connections begin in turn. */
  readonly connectionId: string;
}

/** The outcome of an integration, as API Gateway sees it. */
export type IntegrationOutcome =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The function was not invoked, because too many of its invocations wait. */
  | { readonly kind: 'throttled'; readonly reason: string }
  | { readonly kind: 'timed-out' };

/**
 * Invokes a function as API Gateway does: only with permission, and at most until the integration's timeout. Never
 * rejects.
 */
export async function callIntegration(invoke: Invoke, call: IntegrationCall): Promise<IntegrationOutcome> {
  if (call.functionArn === undefined) return { kind: 'failed', reason: 'the route has no integration' };
  if (!call.permitted) return { kind: 'failed', reason: 'no Lambda permission lets API Gateway invoke the function' };
  const abandoned = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'timed-out' });
      abandoned.abort();
    }, call.timeoutMs);
    // The server keeps the process alive; an abandoned integration must not.
    timer.unref();
  });
  try {
    // A function that has begun keeps running after the timeout, as on AWS. One that has not does not begin.
    const options = { source: call.connectionId, signal: abandoned.signal };
    return await Promise.race([invoke(call.functionArn, call.event, options).then(outcomeOf), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function outcomeOf(result: InvocationResult): IntegrationOutcome {
  if (result.outcome === 'success') return { kind: 'success', payload: result.payload };
  const isThrottled = result.outcome === 'service-error' && result.isThrottled === true;
  return { kind: isThrottled ? 'throttled' : 'failed', reason: result.errorMessage };
}
