import type { Invoke } from '../model.ts';

export interface IntegrationCall {
  readonly functionArn: string | undefined;
  readonly permitted: boolean;
  readonly timeoutMs: number;
  readonly event: unknown;
}

export type IntegrationOutcome =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed-out' };

/** Invokes a function as API Gateway does: with permission only, and no longer than the integration's timeout. */
export async function callIntegration(invoke: Invoke, call: IntegrationCall): Promise<IntegrationOutcome> {
  if (call.functionArn === undefined) return { kind: 'failed', reason: 'the route has no integration' };
  if (!call.permitted) return { kind: 'failed', reason: 'no Lambda permission lets API Gateway invoke the function' };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'timed-out' }), call.timeoutMs);
    // The server keeps the process alive; an integration that nobody waits for any more must not.
    timer.unref();
  });
  try {
    // The function runs on after the gateway gave up, as on AWS.
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
