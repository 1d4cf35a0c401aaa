import type { StageModel } from '../model.ts';
import {
  type Fields,
  findFields,
  findFlagField,
  findNumberField,
  findTextField,
  getTextField,
  refuseOthers,
} from './fields.ts';
import type { Resource } from './resolve-template.ts';

/** API Gateway's default rate limit of an account, used when a stage sets only the burst. */
const ACCOUNT_RATE_PER_SECOND = 10_000;
/** API Gateway's default burst limit of an account, used when a stage sets only the rate. */
const ACCOUNT_BURST = 5_000;

/** The stage properties that are accepted. Access logs, metrics and rates of single routes have no effect here. */
const STAGE_PROPERTIES = [
  'AccessLogSettings',
  'ApiId',
  'AutoDeploy',
  'DefaultRouteSettings',
  'DeploymentId',
  'Description',
  'RouteSettings',
  'StageName',
  'StageVariables',
  'Tags',
];

const ROUTE_SETTINGS = [
  'DataTraceEnabled',
  'DetailedMetricsEnabled',
  'LoggingLevel',
  'ThrottlingBurstLimit',
  'ThrottlingRateLimit',
];

type LiveStage = Omit<StageModel, 'routes'>;

/**
 * Returns the stages of an API to which clients can connect. A stage without a deployment is none: its routes are not
 * live on AWS either. `notice` receives a line for it, and for an API without a stage.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-set-up-websocket-deployment.html
 */
export function readStages(
  { logicalId }: Pick<Resource, 'logicalId'>,
  stages: readonly Resource[],
  notice: (line: string) => void,
): readonly LiveStage[] {
  if (stages.length === 0) notice(`the WebSocket API ${logicalId} has no stage: no client can connect to it`);
  return stages.flatMap((stage) => readStage(stage, notice));
}

function readStage({ logicalId, properties }: Resource, notice: (line: string) => void): readonly LiveStage[] {
  refuseOthers(properties, STAGE_PROPERTIES);
  const model = {
    name: getTextField(properties, 'StageName'),
    ...readVariables(properties),
    ...readThrottle(properties),
  };
  if (findFlagField(properties, 'AutoDeploy') === true || findTextField(properties, 'DeploymentId') !== undefined)
    return [model];
  notice(
    `the stage ${logicalId} has neither AutoDeploy nor a deployment, so its routes are not live, as on AWS: no client ` +
      `can connect to it; set AutoDeploy: true (autoDeploy in CDK)`,
  );
  return [];
}

function readVariables(stage: Fields): Pick<StageModel, 'variables'> {
  const variables = findFields(stage, 'StageVariables');
  if (variables === undefined) return {};
  return {
    variables: Object.fromEntries(Object.keys(variables.values).map((name) => [name, getTextField(variables, name)])),
  };
}

function readThrottle(stage: Fields): Pick<StageModel, 'throttle'> {
  const settings = findFields(stage, 'DefaultRouteSettings');
  if (settings === undefined) return {};
  refuseOthers(settings, ROUTE_SETTINGS);
  const ratePerSecond = findNumberField(settings, 'ThrottlingRateLimit');
  const burst = findNumberField(settings, 'ThrottlingBurstLimit');
  if (ratePerSecond === undefined && burst === undefined) return {};
  return { throttle: { ratePerSecond: ratePerSecond ?? ACCOUNT_RATE_PER_SECOND, burst: burst ?? ACCOUNT_BURST } };
}
