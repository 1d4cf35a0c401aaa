import type { FunctionModel } from '../model.ts';
import type { TemplatedIntegration } from '../integration-model.ts';
import { findFields, findTextField, getTextField, numberIn, oneOf, refuseOthers } from './fields.ts';
import { functionOfProxy } from './function-of-uri.ts';
import { attempt, type PassOver } from './pass-over.ts';
import { readTemplated } from './read-templated.ts';
import type { Resource } from './resolve-template.ts';

/** API Gateway's range and default of TimeoutInMillis for a WebSocket API. */
const TIMEOUT_MS = { default: 29_000, minimum: 50, maximum: 29_000 };

const INTEGRATION_PROPERTIES = [
  'ApiId',
  'CredentialsArn',
  'IntegrationType',
  'IntegrationUri',
  'PassthroughBehavior',
  'RequestTemplates',
  'TemplateSelectionExpression',
  'TimeoutInMillis',
  // Without effect here: messages are texts, and the services get the content type that they need, the one parameter
  // that is taken.
  'ConnectionType',
  'ContentHandlingStrategy',
  'Description',
  'IntegrationMethod',
  'PayloadFormatVersion',
  'RequestParameters',
];

/** An integration of a route. */
export interface IntegrationModel {
  /** The function that API Gateway invokes. Absent for another service and for a mock. */
  readonly functionArn?: string;
  /** Absent for a Lambda proxy. */
  readonly templated?: TemplatedIntegration;
  readonly timeoutMs: number;
  /** Whether API Gateway assumes a role to invoke the function, and needs no `Lambda::Permission`. */
  readonly hasRole: boolean;
}

interface Surroundings {
  readonly functions: readonly FunctionModel[];
  /** The `AWS::ApiGatewayV2::IntegrationResponse`s of the API. */
  readonly responses: readonly Resource[];
  readonly passOver: PassOver;
}

/** Returns integrations by the id in a route's target. */
export function readIntegrations(
  resources: readonly Resource[],
  surroundings: Surroundings,
): ReadonlyMap<string, IntegrationModel> {
  const entries = resources.flatMap((resource) => {
    const found = attempt(() => readIntegration(resource, surroundings), surroundings.passOver);
    return found === undefined ? [] : [[resource.identity.ref, found] as const];
  });
  return new Map(entries);
}

function readIntegration({ identity, properties }: Resource, { functions, responses }: Surroundings): IntegrationModel {
  refuseOthers(properties, INTEGRATION_PROPERTIES);
  const parameters = findFields(properties, 'RequestParameters');
  if (parameters !== undefined) refuseOthers(parameters, ['integration.request.header.Content-Type']);
  const common = {
    timeoutMs: numberIn(properties, 'TimeoutInMillis', TIMEOUT_MS),
    hasRole: findTextField(properties, 'CredentialsArn') !== undefined,
  };
  const type = oneOf(properties, 'IntegrationType', ['AWS_PROXY', 'AWS', 'MOCK']);
  if (type === 'AWS_PROXY') return { ...common, functionArn: functionOfProxy(properties, 'IntegrationUri', functions) };
  const own = responses.filter((response) => getTextField(response.properties, 'IntegrationId') === identity.ref);
  const templated = readTemplated(properties, { functions, responses: own, isMock: type === 'MOCK' });
  const { target } = templated;
  return { ...common, templated, ...(target.kind === 'lambda' ? { functionArn: target.functionArn } : {}) };
}
