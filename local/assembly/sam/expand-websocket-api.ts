import { RuntimeSetupError } from '../../model.ts';
import { asFields, at, type Fields, findFields, findTextField, type JsonObject, refuseOthers } from '../fields.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** The name of a stage without one. */
const DEFAULT_STAGE = 'default';

/** The properties that the API has under the same names. */
const API_PROPERTIES = [
  'ApiKeySelectionExpression',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'IpAddressType',
  'RouteSelectionExpression',
] as const;

/** The properties that the stage has under the same names. */
const STAGE_PROPERTIES = ['AccessLogSettings', 'DefaultRouteSettings', 'RouteSettings', 'StageVariables'] as const;

const OWN_PROPERTIES = ['Auth', 'Domain', 'Name', 'PropagateTags', 'Routes', 'StageName', 'Tags'] as const;

/** The settings of a route that the route has under the same names. */
const ROUTE_PROPERTIES = [
  'ApiKeyRequired',
  'ModelSelectionExpression',
  'OperationName',
  'RequestModels',
  'RequestParameters',
  'RouteResponseSelectionExpression',
] as const;

const INVOCATIONS =
  'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations';

/** Returns the resources of an `AWS::Serverless::WebSocketApi`: the API, its stage, and three for each route. */
export function expandWebSocketApi(resource: ServerlessResource): Record<string, JsonObject> {
  const { logicalId, properties } = resource;
  refuseOthers(properties, [...API_PROPERTIES, ...STAGE_PROPERTIES, ...OWN_PROPERTIES]);
  const routes = findFields(properties, 'Routes');
  if (routes === undefined || Object.keys(routes.values).length === 0)
    throw new RuntimeSetupError(`${at(properties, 'Routes')}: a WebSocket API has at least one route`);
  const { StageName: stage = DEFAULT_STAGE, Name = logicalId } = properties.values;
  const ApiId = { Ref: logicalId };
  const make = (id: string, Type: string, Properties: JsonObject): Record<string, JsonObject> => ({
    [`${logicalId}${id}`]: { ...resource.shared, Type, Properties },
  });
  const setup: Setup = { resource, make, authorizer: findFields(properties, 'Auth'), ApiId };
  return {
    ...make('', 'AWS::ApiGatewayV2::Api', { Name, ...pick(properties, API_PROPERTIES), ProtocolType: 'WEBSOCKET' }),
    ...make(`${typeof stage === 'string' && stage !== DEFAULT_STAGE ? stage : 'Default'}Stage`, STAGE, {
      ApiId,
      StageName: stage,
      AutoDeploy: true,
      ...pick(properties, STAGE_PROPERTIES),
    }),
    ...Object.assign({}, ...Object.keys(routes.values).map((key) => expandRoute(setup, key, routes))),
    ...expandAuthorizer(setup),
    ...expandDomain(setup, stage),
  };
}

const STAGE = 'AWS::ApiGatewayV2::Stage';

interface Setup {
  readonly resource: ServerlessResource;
  readonly make: (id: string, type: string, properties: JsonObject) => Record<string, JsonObject>;
  readonly authorizer: Fields | undefined;
  readonly ApiId: JsonObject;
}

function pick({ values }: Fields, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function expandRoute({ resource, make, authorizer, ApiId }: Setup, key: string, routes: Fields): JsonObject {
  const settings = asFields(routes.values[key], at(routes, key));
  refuseOthers(settings, [...ROUTE_PROPERTIES, 'FunctionArn', 'IntegrationTimeout']);
  const { FunctionArn = null, IntegrationTimeout } = settings.values;
  const name = idOf(key, routes);
  const authorization = key === '$connect' && authorizer !== undefined ? authorizationOf(resource, authorizer) : {};
  return {
    ...make(`${name}Route`, 'AWS::ApiGatewayV2::Route', {
      ApiId,
      RouteKey: key,
      ...pick(settings, ROUTE_PROPERTIES),
      ...authorization,
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${resource.logicalId}${name}Integration` }]] },
    }),
    ...make(`${name}Integration`, 'AWS::ApiGatewayV2::Integration', {
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::Sub': [INVOCATIONS, { Arn: FunctionArn }] },
      ...(IntegrationTimeout === undefined ? {} : { TimeoutInMillis: IntegrationTimeout }),
    }),
    ...make(`${name}Permission`, 'AWS::Lambda::Permission', permission(resource, FunctionArn, `*/${key}`)),
  };
}

/** Returns a route's part of logical ids: `Connect` of `$connect`. */
function idOf(key: string, routes: Fields): string {
  const name = /^\$(?:connect|disconnect|default)$/.test(key) ? key.slice(1) : key;
  if (/^[A-Za-z0-9]+$/.test(name)) return `${name.charAt(0).toUpperCase()}${name.slice(1).toLowerCase()}`;
  throw new RuntimeSetupError(`${at(routes, key)}: SAM takes letters and digits alone as the key of a route`);
}

function permission({ logicalId }: ServerlessResource, FunctionName: JsonObject[string], source: string): JsonObject {
  const arn = `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${${logicalId}}/${source}`;
  return {
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    FunctionName,
    SourceArn: { 'Fn::Sub': arn },
  };
}

const isCustom = (auth: Fields): boolean => findTextField(auth, 'AuthType')?.toUpperCase() === 'CUSTOM';

function authorizationOf({ logicalId }: ServerlessResource, auth: Fields): JsonObject {
  if (!isCustom(auth)) return { AuthorizationType: auth.values['AuthType'] ?? 'NONE' };
  return { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: `${logicalId}ConnectAuthorizer` } };
}

function expandAuthorizer({ resource, make, authorizer, ApiId }: Setup): Record<string, JsonObject> {
  if (authorizer === undefined || !isCustom(authorizer)) return {};
  refuseOthers(authorizer, ['AuthArn', 'AuthType', 'IdentitySource', 'InvokeRole', 'Name']);
  const { AuthArn = null, IdentitySource, InvokeRole } = authorizer.values;
  return {
    ...make('ConnectAuthorizer', 'AWS::ApiGatewayV2::Authorizer', {
      ApiId,
      AuthorizerType: 'REQUEST',
      AuthorizerUri: { 'Fn::Sub': [INVOCATIONS, { Arn: AuthArn }] },
      ...(IdentitySource === undefined ? {} : { IdentitySource }),
      ...(InvokeRole === undefined ? {} : { AuthorizerCredentialsArn: InvokeRole }),
    }),
    ...(InvokeRole === undefined
      ? make('AuthorizerPermission', 'AWS::Lambda::Permission', permission(resource, AuthArn, 'authorizers/*'))
      : {}),
  };
}

/** Returns the custom domain, which leads nowhere here and is named at the start. */
function expandDomain({ resource, make, ApiId }: Setup, Stage: JsonObject[string]): Record<string, JsonObject> {
  const domain = findFields(resource.properties, 'Domain');
  if (domain === undefined) return {};
  const { DomainName = null } = domain.values;
  return {
    ...make('Domain', 'AWS::ApiGatewayV2::DomainName', { DomainName }),
    ...make('ApiMapping', 'AWS::ApiGatewayV2::ApiMapping', { ApiId, DomainName, Stage }),
  };
}
