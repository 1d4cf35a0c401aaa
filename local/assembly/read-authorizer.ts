import { type AuthorizerModel, type FunctionModel, RuntimeSetupError } from '../model.ts';
import { at, type Fields, findTextField, getTextField, listTexts, oneOf, refuseOthers, unsupported } from './fields.ts';
import type { IsPermitted } from './permissions.ts';
import { functionOfUri } from './function-of-uri.ts';
import type { Resource } from './resolve-template.ts';

const AUTHORIZER_PROPERTIES = [
  'ApiId',
  'AuthorizerCredentialsArn',
  'AuthorizerType',
  'AuthorizerUri',
  'IdentitySource',
  'Name',
];

interface Surroundings {
  readonly functions: readonly FunctionModel[];
  readonly isPermitted: IsPermitted;
  readonly apiId: string;
}

/** The resources of an API that its authorizer is found in. */
export interface AuthorizerParts {
  readonly routes: readonly Resource[];
  readonly authorizers: readonly Resource[];
}

/** Returns the authorizer of `$connect`, if the route has one. */
export function readConnectAuthorizer(
  { routes, authorizers }: AuthorizerParts,
  surroundings: Surroundings,
): AuthorizerModel | undefined {
  const connect = routes.find(({ properties }) => findTextField(properties, 'RouteKey') === '$connect');
  if (connect === undefined || findTextField(connect.properties, 'AuthorizationType') !== 'CUSTOM') return undefined;
  const authorizerId = getTextField(connect.properties, 'AuthorizerId');
  const authorizer = authorizers.find(({ identity }) => identity.ref === authorizerId);
  if (authorizer !== undefined) return readAuthorizer(authorizer, surroundings);
  throw new RuntimeSetupError(
    `${at(connect.properties, 'AuthorizerId')}: ${authorizerId} is not an authorizer of this API`,
  );
}

function readAuthorizer({ identity, properties }: Resource, surroundings: Surroundings): AuthorizerModel {
  refuseOthers(properties, AUTHORIZER_PROPERTIES);
  oneOf(properties, 'AuthorizerType', ['REQUEST']);
  const functionArn = functionOfUri(properties, 'AuthorizerUri', surroundings.functions);
  const hasRole = findTextField(properties, 'AuthorizerCredentialsArn') !== undefined;
  return {
    functionArn,
    identitySources: readIdentitySources(properties),
    permitted: hasRole || surroundings.isPermitted(functionArn, `${surroundings.apiId}/authorizers/${identity.ref}`),
  };
}

function readIdentitySources(properties: Fields): readonly string[] {
  const sources = listTexts(properties, 'IdentitySource');
  const unknown = sources.find((source) => !/^route\.request\.(header|querystring)\../.test(source));
  if (unknown === undefined) return sources;
  throw unsupported(at(properties, 'IdentitySource'), `the identity source ${unknown} is not supported`);
}
