import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy, { type MiddyfiedHandler } from '@middy/core';
import { createLogger, createMetrics } from '../shared/observability.ts';

export interface Instruments {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What every Lambda is built on: context in each log line, metrics written at the end of each invocation. */
export function createLambda<E, R>(service: string): Instruments & { readonly lambda: MiddyfiedHandler<E, R> } {
  const logger = createLogger(service);
  const metrics = createMetrics(service);
  const lambda = middy<E, R>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics));
  return { logger, metrics, lambda };
}
