import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy, { type executionModeStandard, type MiddyfiedHandler } from '@middy/core';
import { createLogger, createMetrics } from '../shared/observability.ts';
import { mapStackTraces } from '../shared/stack-traces.ts';

// Before anything of a handler runs: an error of its settings is told with its place too.
mapStackTraces();

/** The logger and the metrics of one Lambda. */
export interface Instruments {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Creates the base of a Lambda: a middy handler that puts the invocation's context in each log line and writes the
 * metrics at the end of each invocation. `service` names the Lambda in logs and metrics.
 */
export function createLambda<E, R>(
  service: string,
  options: { readonly executionMode?: typeof executionModeStandard } = {},
): Instruments & { readonly lambda: MiddyfiedHandler<E, R> } {
  const logger = createLogger(service);
  const metrics = createMetrics(service);
  const lambda = middy<E, R>(options)
    // No variable turns the logging of events on: they contain tokens and messages.
    .use(injectLambdaContext(logger, { resetKeys: true, logEvent: false }))
    .use(logMetrics(metrics));
  return { logger, metrics, lambda };
}
