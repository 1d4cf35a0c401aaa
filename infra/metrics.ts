import { Duration } from 'aws-cdk-lib';
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { METRICS_NAMESPACE } from '../shared/config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { TWO_WAY_ROUTES } from './web-socket-api.ts';

/** The finest period in which AWS writes these metrics. */
const MINUTE = Duration.minutes(1);

/**
 * A metric's name and statistic. CloudWatch shows nothing for an unknown name or dimension, so
 * test/infra/metrics.test.ts checks each name.
 */
interface MetricQuery {
  readonly name: string;
  /** The statistic; default: the sum. */
  readonly statistic?: string;
}

const metric = (
  namespace: string,
  dimensionsMap: Record<string, string>,
  { name, statistic = Stats.SUM }: MetricQuery,
) => new Metric({ namespace, metricName: name, dimensionsMap, statistic, period: MINUTE });

/** The handler that writes a metric. */
export interface MetricWriter {
  /** The stack's name. */
  readonly stack: string;
  /** The handler's name in logs and metrics. */
  readonly service: string;
}

/** Returns a metric that a handler writes, under the names of its service and its stack. */
export const ownMetric = ({ stack, service }: MetricWriter, query: MetricQuery): Metric =>
  metric(METRICS_NAMESPACE, { service, stack }, query);

/** Returns a metric that Lambda writes for a function. */
export const functionMetric = ({ function: { functionName } }: HandlerFunction, query: MetricQuery): Metric =>
  metric('AWS/Lambda', { FunctionName: functionName }, query);

/** Returns a metric that Lambda writes for an event source mapping, which must have a `metricsConfig`. */
export const mappingMetric = ({ eventSourceMappingId }: EventSourceMapping, query: MetricQuery): Metric =>
  metric('AWS/Lambda', { EventSourceMappingUUID: eventSourceMappingId }, query);

/** Returns a metric that API Gateway writes for the stage. */
export const stageMetric = ({ api, stageName }: WebSocketStage, query: MetricQuery): Metric =>
  metric('AWS/ApiGateway', { ApiId: api.apiId, Stage: stageName }, query);

/**
 * Returns a metric that DynamoDB writes for a table or for one of its indexes. A table's values exclude its indexes.
 */
const tableMetric = ({ tableName }: TableV2, query: MetricQuery & { readonly index?: string }): Metric =>
  metric(
    'AWS/DynamoDB',
    { TableName: tableName, ...(query.index === undefined ? {} : { GlobalSecondaryIndexName: query.index }) },
    query,
  );

/** The service names of the routes, as their handlers set them. */
const ROUTE_SERVICES = Object.keys(TWO_WAY_ROUTES).map((routeKey) => routeKey.replace('$', ''));

/** Returns a metric of each route of a stack. */
export const routeMetrics = (stack: string, name: string): readonly Metric[] =>
  ROUTE_SERVICES.map((service) => ownMetric({ stack, service }, { name }).with({ label: `${service} ${name}` }));

/** Returns the sum of metrics. `SUM` of a list, unlike `+`, has a value when some metrics have none in a minute. */
export const sumOf = (label: string, metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    label,
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(metrics.map((each, index) => [`m${index}`, each] as const)),
    period: MINUTE,
  });

/** Returns the metrics of throttled reads and writes of a table and its indexes. No value means none. */
export const tableThrottles = (table: TableV2, indexes: readonly string[]): readonly IMetric[] =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((name) => [
    tableMetric(table, { name }),
    ...indexes.map((index) => tableMetric(table, { name, index })),
  ]);
