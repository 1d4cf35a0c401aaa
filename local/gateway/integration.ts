import type { IntegrationOutcome } from '../integrations/outcome.ts';
import { type CallService, runTemplated } from '../integrations/run-templated.ts';
import type { InvocationResult, Invoke, RouteModel } from '../model.ts';
import type { AuthorizerEvent, ProxyEvent } from './proxy-event.ts';

/** The callees of integrations. */
export interface Callees {
  readonly invoke: Invoke;
  /** Calls other services than Lambda. Absent where there are none, as in a test of the gateway. */
  readonly callService?: CallService | undefined;
}

/** A call of a route's integration. */
export interface IntegrationCall {
  readonly route: Pick<RouteModel, 'functionArn' | 'templated' | 'permitted' | 'integrationTimeoutMs'>;
  readonly event: ProxyEvent | AuthorizerEvent;
  /** The connection that causes the invocation. The invocations of all connections begin in turn. */
  readonly connectionId: string;
}

/**
 * Runs an integration as API Gateway does: a function only with permission, and at most until the integration's
 * timeout. Never rejects.
 */
export async function callIntegration(callees: Callees, call: IntegrationCall): Promise<IntegrationOutcome> {
  const { functionArn, templated, permitted, integrationTimeoutMs } = call.route;
  if (functionArn === undefined && templated === undefined)
    return { kind: 'failed', reason: 'the route has no integration' };
  if (!permitted) return { kind: 'failed', reason: 'no Lambda permission lets API Gateway invoke the function' };
  const abandoned = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'timed-out' });
      abandoned.abort();
    }, integrationTimeoutMs);
    // The server keeps the process alive; an abandoned integration must not.
    timer.unref();
  });
  try {
    return await Promise.race([run(callees, call, abandoned.signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function run(
  { invoke, callService }: Callees,
  call: IntegrationCall,
  signal: AbortSignal,
): Promise<IntegrationOutcome> {
  const { functionArn = '', templated } = call.route;
  const { event } = call;
  if (templated !== undefined && 'isBase64Encoded' in event)
    return runTemplated(templated, event, { callService: callService ?? noService, signal });
  // A function that has begun keeps running after the timeout, as on AWS. One that has not does not begin.
  return invoke(functionArn, event, { source: call.connectionId, signal }).then(outcomeOf);
}

const noService: CallService = () => Promise.reject(new Error('there are no services to call'));

function outcomeOf(result: InvocationResult): IntegrationOutcome {
  if (result.outcome === 'success') return { kind: 'success', payload: result.payload };
  const isThrottled = result.outcome === 'service-error' && result.isThrottled === true;
  return { kind: isThrottled ? 'throttled' : 'failed', reason: result.errorMessage };
}
