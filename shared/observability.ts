import { Logger, type LogItem } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from './config.ts';

/** A logger that writes every field that it is given. Powertools drops empty texts and null, which say something. */
class CompleteLogger extends Logger {
  protected override printLog(logLevel: number, log: LogItem): void {
    log.removeEmptyKeys = (attributes) => attributes;
    super.printLog(logLevel, log);
  }
}

/** Creates the logger of a Lambda. `service` names the Lambda (`publish`, `broadcast`, …) in each log line. */
export const createLogger = (service: string): Logger => new CompleteLogger({ serviceName: service });

/** Creates the metrics of a Lambda, which are written as EMF at the end of each invocation. */
export const createMetrics = (service: string): Metrics =>
  new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
