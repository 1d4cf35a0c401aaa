import { type FunctionModel, type RouteModel, RuntimeSetupError, type WebSocketApiModel } from '../model.ts';
import { at, type Fields, getTextField, refuseOthers, unsupported } from './fields.ts';
import { attempt } from './pass-over.ts';
import { permissionsOf } from './permissions.ts';
import { readConnectAuthorizer } from './read-authorizer.ts';
import { readIntegrations } from './read-integrations.ts';
import { isSignedConnect, readRoutes, REFUSING_CONNECT } from './read-routes.ts';
import { readStages } from './read-stages.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

const API_PROPERTIES = [
  'ApiKeySelectionExpression',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'IpAddressType',
  'Name',
  'ProtocolType',
  'RouteSelectionExpression',
  'Tags',
];

/** The resource types that belong to an API. */
const PART_TYPES = [
  'Authorizer',
  'Integration',
  'IntegrationResponse',
  'Model',
  'Route',
  'RouteResponse',
  'Stage',
] as const;

type PartType = (typeof PART_TYPES)[number];

interface Surroundings {
  readonly functions: readonly FunctionModel[];
  /** The port of each API, by its id. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Returns the ids of the WebSocket APIs. The functions cannot be read without them. */
export function listApiIds(template: ResolvedTemplate): readonly string[] {
  return listApis(template).map(({ identity }) => identity.ref);
}

/** Returns the WebSocket APIs of the template, each with its stages, routes and authorizer. */
export function readApis(template: ResolvedTemplate, surroundings: Surroundings): readonly WebSocketApiModel[] {
  const apis = listApis(template);
  for (const part of PART_TYPES) {
    attempt(() => refuseForeign(template.ofType(`AWS::ApiGatewayV2::${part}`), apis), template.passOver);
  }
  return apis.map((api) => readApi(api, template, surroundings));
}

function readApi(api: Resource, template: ResolvedTemplate, { functions, ports }: Surroundings): WebSocketApiModel {
  const apiId = api.identity.ref;
  const isPermitted = permissionsOf(template, functions);
  const part = (type: PartType): readonly Resource[] =>
    template.ofType(`AWS::ApiGatewayV2::${type}`).filter(({ properties }) => apiOf(properties) === apiId);
  const [routes, responses, authorizers] = [part('Route'), part('RouteResponse'), part('Authorizer')];
  const { passOver } = template;
  const integrations = readIntegrations(part('Integration'), {
    functions,
    responses: part('IntegrationResponse'),
    passOver,
  });
  const models = part('Model');
  const routesOf = (stage: string): readonly RouteModel[] =>
    readRoutes({ routes, responses, models }, { integrations, passOver, isPermitted, source: `${apiId}/${stage}` });
  const found = attempt(
    () => [readConnectAuthorizer({ routes, authorizers }, { functions, isPermitted, apiId })],
    passOver,
  );
  const [connectAuthorizer] = found ?? [];
  const isRouteUnread = template
    .readEach(
      'AWS::ApiGatewayV2::Route',
      () => true,
      () => false,
    )
    .includes(false);
  const stages = readStages(api, part('Stage'), template.notice);
  // A mistake in a route is told even where no client can connect.
  if (stages.length === 0) routesOf('');
  return {
    logicalId: api.logicalId,
    apiId,
    host: `${apiId}.execute-api.${template.pseudo.region}.${template.pseudo.urlSuffix}`,
    port: ports.get(apiId) ?? 0,
    routeSelectionExpression: getTextField(api.properties, 'RouteSelectionExpression'),
    ...(connectAuthorizer === undefined ? {} : { connectAuthorizer }),
    ...(routes.some(isSignedConnect) ? { isConnectSigned: true } : {}),
    stages: stages.map((stage) => ({
      ...stage,
      routes: withConnect(routesOf(stage.name), { isAuthorizerUnread: found === undefined, isRouteUnread }),
    })),
  };
}

interface Unread {
  /** Whether the authorizer of `$connect` is passed over. */
  readonly isAuthorizerUnread: boolean;
  /** Whether a route of the template is passed over whose key is not known, so that it may be `$connect`. */
  readonly isRouteUnread: boolean;
}

/** Returns routes with a `$connect` that refuses all, where what decides on connections is passed over. */
function withConnect(
  routes: readonly RouteModel[],
  { isAuthorizerUnread, isRouteUnread }: Unread,
): readonly RouteModel[] {
  const others = routes.filter(({ routeKey }) => routeKey !== '$connect');
  const isRefused = isAuthorizerUnread || (isRouteUnread && others.length === routes.length);
  return isRefused ? [REFUSING_CONNECT, ...others] : routes;
}

function listApis(template: ResolvedTemplate): readonly Resource[] {
  return template.readEach('AWS::ApiGatewayV2::Api', (api) => {
    const { properties } = api;
    const protocol = getTextField(properties, 'ProtocolType');
    if (protocol !== 'WEBSOCKET')
      throw unsupported(at(properties, 'ProtocolType'), `an API of the protocol ${protocol} is not supported`);
    refuseOthers(properties, API_PROPERTIES);
    return api;
  });
}

const apiOf = (properties: Fields): string => getTextField(properties, 'ApiId');

function refuseForeign(parts: readonly Resource[], apis: readonly Resource[]): void {
  const foreign = parts.find(({ properties }) => !apis.some(({ identity }) => identity.ref === apiOf(properties)));
  if (foreign === undefined) return;
  throw new RuntimeSetupError(`${at(foreign.properties, 'ApiId')} is not an API of this template`);
}
