import { type FunctionModel, RuntimeSetupError, type WebSocketApiModel } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findFlagField,
  findNumberField,
  findTextField,
  getTextField,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { permissionsOf } from './permissions.ts';
import { readConnectAuthorizer } from './read-authorizer.ts';
import { readIntegrations } from './read-integrations.ts';
import { readRoutes } from './read-routes.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** API Gateway's default rate limit of an account, used when a stage sets only the burst. */
const ACCOUNT_RATE_PER_SECOND = 10_000;
/** API Gateway's default burst limit of an account, used when a stage sets only the rate. */
const ACCOUNT_BURST = 5_000;

const API_PROPERTIES = [
  'ApiKeySelectionExpression',
  'Description',
  'DisableSchemaValidation',
  'IpAddressType',
  'Name',
  'ProtocolType',
  'RouteSelectionExpression',
  'Tags',
];

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
  'Tags',
];

const ROUTE_SETTINGS = [
  'DataTraceEnabled',
  'DetailedMetricsEnabled',
  'LoggingLevel',
  'ThrottlingBurstLimit',
  'ThrottlingRateLimit',
];

/** The resource types that belong to an API. */
const PART_TYPES = ['Authorizer', 'Integration', 'Route', 'RouteResponse', 'Stage'];

/** Returns the id of the one WebSocket API. The functions cannot be read without it. */
export function readApiId(template: ResolvedTemplate): string {
  return onlyApi(template).identity.ref;
}

/** Returns the one WebSocket API of the template, with its stage, routes and authorizer. */
export function readApi(template: ResolvedTemplate, functions: readonly FunctionModel[]): WebSocketApiModel {
  const api = onlyApi(template);
  const apiId = api.identity.ref;
  for (const part of PART_TYPES) refuseForeign(template.ofType(`AWS::ApiGatewayV2::${part}`), apiId);
  const { properties } = onlyStage(template);
  const stage = getTextField(properties, 'StageName');
  const isPermitted = permissionsOf(template, functions);
  const integrations = readIntegrations(template, functions);
  const connectAuthorizer = readConnectAuthorizer(template, { functions, isPermitted, apiId });
  return {
    logicalId: api.logicalId,
    apiId,
    stage,
    routeSelectionExpression: getTextField(api.properties, 'RouteSelectionExpression'),
    routes: readRoutes(template, { integrations, isPermitted, source: `${apiId}/${stage}` }),
    ...(connectAuthorizer === undefined ? {} : { connectAuthorizer }),
    ...readThrottle(properties),
  };
}

function onlyApi(template: ResolvedTemplate): Resource {
  const [api, ...others] = template.ofType('AWS::ApiGatewayV2::Api');
  if (api === undefined)
    throw new RuntimeSetupError('the template has no WebSocket API (AWS::ApiGatewayV2::Api) to serve');
  if (others.length > 0) throw unsupported(api.logicalId, 'more than one API in a template is not supported');
  const protocol = getTextField(api.properties, 'ProtocolType');
  if (protocol !== 'WEBSOCKET') throw unsupported(api.logicalId, `an API of the protocol ${protocol} is not supported`);
  refuseOthers(api.properties, API_PROPERTIES);
  return api;
}

function refuseForeign(parts: readonly Resource[], apiId: string): void {
  const foreign = parts.find(({ properties }) => getTextField(properties, 'ApiId') !== apiId);
  if (foreign === undefined) return;
  throw new RuntimeSetupError(`${at(foreign.properties, 'ApiId')} is not the API of this template`);
}

function onlyStage(template: ResolvedTemplate): Resource {
  const [stage, ...others] = template.ofType('AWS::ApiGatewayV2::Stage');
  if (stage === undefined) throw new RuntimeSetupError('the WebSocket API has no stage: no client could connect');
  if (others.length > 0) throw unsupported(stage.logicalId, 'more than one stage is not supported');
  refuseOthers(stage.properties, STAGE_PROPERTIES);
  const isLive =
    findFlagField(stage.properties, 'AutoDeploy') === true || findTextField(stage.properties, 'DeploymentId');
  if (isLive) return stage;
  throw new RuntimeSetupError(
    `${stage.logicalId} has neither AutoDeploy nor a deployment: its routes would not be live on AWS; set autoDeploy: true`,
  );
}

function readThrottle(stage: Fields): Pick<WebSocketApiModel, 'throttle'> {
  const settings = findFields(stage, 'DefaultRouteSettings');
  if (settings === undefined) return {};
  refuseOthers(settings, ROUTE_SETTINGS);
  const ratePerSecond = findNumberField(settings, 'ThrottlingRateLimit');
  const burst = findNumberField(settings, 'ThrottlingBurstLimit');
  if (ratePerSecond === undefined && burst === undefined) return {};
  return { throttle: { ratePerSecond: ratePerSecond ?? ACCOUNT_RATE_PER_SECOND, burst: burst ?? ACCOUNT_BURST } };
}
