import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from './config.ts';

/** Creates the logger of a Lambda. `service` names the Lambda (`publish`, `broadcast`, …) in each log line. */
export const createLogger = (service: string): Logger => new Logger({ serviceName: service });

/** Creates the metrics of a Lambda, which are written as EMF at the end of each invocation. */
export const createMetrics = (service: string): Metrics =>
  new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
