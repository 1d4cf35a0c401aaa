import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from './config.ts';

/** The one logger of a Lambda; its service is the function's role (`publish`, `broadcast`, …). */
export const createLogger = (service: string): Logger => new Logger({ serviceName: service });

/** The one metrics buffer of a Lambda, written as EMF at the end of each invocation. */
export const createMetrics = (service: string): Metrics =>
  new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
