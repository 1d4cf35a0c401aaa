import type { Invoke } from '../model.ts';

/** An invocation of a function by API Gateway. */
export interface IntegrationCall {
  readonly functionArn: string | undefined;
  readonly permitted: boolean;
  readonly timeoutMs: number;
  readonly event: unknown;
}

/** The outcome of an integration, as API Gateway sees it. */
export type IntegrationOutcome =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed-out' };

/**
 * Invokes a function as API Gateway does: only with permission, and at most until the integration's timeout. Never
 * rejects.
 */
export async function callIntegration(invoke: Invoke, call: IntegrationCall): Promise<IntegrationOutcome> {
  if (call.functionArn === undefined) return { kind: 'failed', reason: 'the route has no integration' };
  if (!call.permitted) return { kind: 'failed', reason: 'no Lambda permission lets API Gateway invoke the function' };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'timed-out' }), call.timeoutMs);
    // The server keeps the process alive; an abandoned integration must not.
    timer.unref();
  });
  try {
    // The function keeps running after the timeout, as on AWS.
    return await Promise.race([outcomeOf(invoke, call.functionArn, call.event), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function outcomeOf(invoke: Invoke, functionArn: string, event: unknown): Promise<IntegrationOutcome> {
  const result = await invoke(functionArn, event);
  return result.outcome === 'success'
    ? { kind: 'success', payload: result.payload }
    : { kind: 'failed', reason: result.errorMessage };
}
