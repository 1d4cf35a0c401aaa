import { Duration } from 'aws-cdk-lib';
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { METRICS_NAMESPACE } from '../shared/config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { TWO_WAY_ROUTES } from './web-socket-api.ts';

/** The finest that AWS writes these metrics in. */
const MINUTE = Duration.minutes(1);

/** A dimension that AWS lacks is not found, so that no metric is ever shown: test/infra/metrics.test.ts holds each name. */
interface Named {
  readonly name: string;
  /** Sum unless said. */
  readonly statistic?: string;
}

const metric = (namespace: string, dimensionsMap: Record<string, string>, { name, statistic = Stats.SUM }: Named) =>
  new Metric({ namespace, metricName: name, dimensionsMap, statistic, period: MINUTE });

/** What a handler writes itself, under the name of its service. */
export const ownMetric = (service: string, named: Named): Metric => metric(METRICS_NAMESPACE, { service }, named);

/** What Lambda writes of a function. */
export const functionMetric = ({ function: { functionName } }: HandlerFunction, named: Named): Metric =>
  metric('AWS/Lambda', { FunctionName: functionName }, named);

/** What Lambda writes of an event source mapping: only with `metricsConfig`, and under its own id. */
export const mappingMetric = ({ eventSourceMappingId }: EventSourceMapping, named: Named): Metric =>
  metric('AWS/Lambda', { EventSourceMappingUUID: eventSourceMappingId }, named);

/** What API Gateway writes of the stage. */
export const stageMetric = ({ api, stageName }: WebSocketStage, named: Named): Metric =>
  metric('AWS/ApiGateway', { ApiId: api.apiId, Stage: stageName }, named);

/** What DynamoDB writes of a table, or of one of its indexes: a table's figures leave out those of its indexes. */
export const tableMetric = ({ tableName }: TableV2, named: Named & { readonly index?: string }): Metric =>
  metric(
    'AWS/DynamoDB',
    { TableName: tableName, ...(named.index === undefined ? {} : { GlobalSecondaryIndexName: named.index }) },
    named,
  );

/** Services of the routes, as their handlers name them. */
const ROUTE_SERVICES = Object.keys(TWO_WAY_ROUTES).map((routeKey) => routeKey.replace('$', ''));

/** A metric of each route. */
export const routeMetrics = (name: string): readonly Metric[] =>
  ROUTE_SERVICES.map((service) => ownMetric(service, { name }).with({ label: `${service} ${name}` }));

/** The sum of metrics. By SUM of a list, not by plus: who wrote nothing in a minute does not make the sum missing. */
export const sumOf = (label: string, metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    label,
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(metrics.map((each, index) => [`m${index}`, each] as const)),
    period: MINUTE,
  });
