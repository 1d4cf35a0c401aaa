import { Logger, type LogItem } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ENVIRONMENT, METRICS_NAMESPACE, requiredText } from './config.ts';

/** A logger that writes every field that it is given. Powertools drops empty texts and null, which say something. */
class CompleteLogger extends Logger {
  protected override printLog(logLevel: number, log: LogItem): void {
    log.removeEmptyKeys = (attributes) => attributes;
    super.printLog(logLevel, log);
  }
}

/** Creates the logger of a Lambda. `service` names the Lambda (`publish`, `broadcast`, …) in each log line. */
export const createLogger = (service: string): Logger => new CompleteLogger({ serviceName: service });

/**
 * Creates the metrics of a Lambda, which are written as EMF at the end of each invocation. The stack's name is a
 * dimension, so that the metrics of two stacks in one account and region do not add up. Throws ConfigError without it.
 */
export const createMetrics = (service: string): Metrics =>
  new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: service,
    defaultDimensions: { stack: requiredText(ENVIRONMENT.stackName) },
  });
