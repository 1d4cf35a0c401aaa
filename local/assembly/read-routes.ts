import { RuntimeSetupError, type RouteModel } from '../model.ts';
import {
  at,
  type Fields,
  findFlagField,
  findTextField,
  getTextField,
  oneOf,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { attempt, type PassOver } from './pass-over.ts';
import type { IsPermitted } from './permissions.ts';
import type { IntegrationModel } from './read-integrations.ts';
import { readModels } from './read-models.ts';
import type { Resource } from './resolve-template.ts';

/** The authorization type of signatures. */
const SIGNED = 'AWS_IAM';

const OWN_ROUTE_KEYS = ['$connect', '$disconnect', '$default'];

const ROUTE_PROPERTIES = [
  'ApiId',
  'ApiKeyRequired',
  'AuthorizationType',
  'AuthorizerId',
  'ModelSelectionExpression',
  'OperationName',
  'RequestModels',
  'RequestParameters',
  'RouteKey',
  'RouteResponseSelectionExpression',
  'Target',
];

/** The resources of an API that its routes consist of. */
export interface RouteParts {
  readonly routes: readonly Resource[];
  readonly responses: readonly Resource[];
  readonly models: readonly Resource[];
}

interface Surroundings {
  readonly integrations: ReadonlyMap<string, IntegrationModel>;
  readonly isPermitted: IsPermitted;
  readonly passOver: PassOver;
  /** The API's id and stage, as in the ARN of a route. */
  readonly source: string;
}

/**
 * Returns the routes of a stage, each with the function behind it. A `$connect` that is passed over stays, without an
 * integration, so that it refuses all: without that route anybody could connect.
 */
export function readRoutes(parts: RouteParts, surroundings: Surroundings): readonly RouteModel[] {
  const answered = routesWithResponse(parts.responses);
  const routes = parts.routes.flatMap(
    (route) =>
      attempt(() => readRoute(route, { answered, ...parts }, surroundings), surroundings.passOver) ??
      refusingRoute(route),
  );
  const twice = routes.find(({ routeKey }, index) => routes.findIndex((route) => route.routeKey === routeKey) < index);
  if (twice !== undefined) throw new RuntimeSetupError(`the route ${twice.routeKey} is defined twice`);
  return routes;
}

/** The `$connect` of an API that cannot authorize as its template says, which admits nobody. */
export const REFUSING_CONNECT: RouteModel = {
  routeKey: '$connect',
  returnsResponse: false,
  integrationTimeoutMs: 0,
  permitted: true,
};

const refusingRoute = ({ properties }: Resource): readonly RouteModel[] =>
  properties.values['RouteKey'] === '$connect' ? [REFUSING_CONNECT] : [];

/** Returns the ids of the routes that have the response key `$default`, the only one of a WebSocket API. */
function routesWithResponse(resources: readonly Resource[]): ReadonlySet<string> {
  const responses = resources.map(({ properties }) => {
    refuseOthers(properties, ['ApiId', 'RouteId', 'RouteResponseKey']);
    oneOf(properties, 'RouteResponseKey', ['$default']);
    return getTextField(properties, 'RouteId');
  });
  return new Set(responses);
}

function readRoute(
  route: Resource,
  { answered, models }: Pick<RouteParts, 'models'> & { readonly answered: ReadonlySet<string> },
  surroundings: Surroundings,
): RouteModel {
  const { identity, properties } = route;
  refuseOthers(properties, ROUTE_PROPERTIES);
  if (findFlagField(properties, 'ApiKeyRequired') === true)
    throw unsupported(at(properties, 'ApiKeyRequired'), 'an API key is not supported');
  const routeKey = readRouteKey(properties);
  checkAuthorization(properties, routeKey);
  // AWS returns nothing if either is missing: the selection expression enables the response, and the response sends it.
  const selects = findTextField(properties, 'RouteResponseSelectionExpression') === '$default';
  const common = {
    routeKey,
    returnsResponse: selects && answered.has(identity.ref),
    ...readModels(properties, models),
  };
  const integration = findIntegration(properties, surroundings.integrations);
  if (integration === undefined) return { ...common, integrationTimeoutMs: 0, permitted: true };
  const { functionArn, templated, timeoutMs, hasRole } = integration;
  const source = `${surroundings.source}/${routeKey}`;
  const permitted = hasRole || functionArn === undefined || surroundings.isPermitted(functionArn, source);
  return {
    ...common,
    ...(functionArn === undefined ? {} : { functionArn }),
    ...(templated === undefined ? {} : { templated }),
    integrationTimeoutMs: timeoutMs,
    permitted,
  };
}

function readRouteKey(properties: Fields): string {
  const routeKey = getTextField(properties, 'RouteKey');
  if (!routeKey.startsWith('$') || OWN_ROUTE_KEYS.includes(routeKey)) return routeKey;
  throw new RuntimeSetupError(`${at(properties, 'RouteKey')}: ${routeKey} may not begin with $`);
}

/** Whether a route is a `$connect` whose handshakes must be signed. */
export const isSignedConnect = ({ properties }: Resource): boolean =>
  properties.values['RouteKey'] === '$connect' && properties.values['AuthorizationType'] === SIGNED;

function checkAuthorization(properties: Fields, routeKey: string): void {
  const type = findTextField(properties, 'AuthorizationType') ?? 'NONE';
  if (type !== 'NONE' && type !== 'CUSTOM' && type !== SIGNED)
    throw unsupported(at(properties, 'AuthorizationType'), `the authorization type ${type} is not supported`);
  if (type === 'NONE' || routeKey === '$connect') return;
  throw new RuntimeSetupError(`${at(properties, 'AuthorizationType')}: API Gateway authorizes $connect only`);
}

function findIntegration(
  properties: Fields,
  integrations: ReadonlyMap<string, IntegrationModel>,
): IntegrationModel | undefined {
  const target = findTextField(properties, 'Target');
  if (target === undefined) return undefined;
  const found = integrations.get(target.replace(/^integrations\//, ''));
  if (found !== undefined) return found;
  throw new RuntimeSetupError(`${at(properties, 'Target')}: ${target} is not an integration of this template`);
}
