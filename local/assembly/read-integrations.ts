import { type FunctionModel, RuntimeSetupError } from '../model.ts';
import { at, type Fields, findTextField, getTextField, numberIn, oneOf, refuseOthers, unsupported } from './fields.ts';
import { findFunctionByName } from './function-references.ts';
import { attempt, type PassOver } from './pass-over.ts';
import type { Resource } from './resolve-template.ts';

/** API Gateway's range and default of TimeoutInMillis for a WebSocket API. */
const TIMEOUT_MS = { default: 29_000, minimum: 50, maximum: 29_000 };

const INTEGRATION_PROPERTIES = [
  'ApiId',
  'CredentialsArn',
  'IntegrationType',
  'IntegrationUri',
  'TimeoutInMillis',
  // Without effect for a Lambda proxy.
  'ConnectionType',
  'Description',
  'IntegrationMethod',
  'PassthroughBehavior',
  'PayloadFormatVersion',
];

/** A Lambda proxy integration. */
export interface IntegrationModel {
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** Whether API Gateway assumes a role to invoke the function, and needs no `Lambda::Permission`. */
  readonly hasRole: boolean;
}

/** Returns integrations by the id in a route's target. */
export function readIntegrations(
  resources: readonly Resource[],
  { functions, passOver }: { readonly functions: readonly FunctionModel[]; readonly passOver: PassOver },
): ReadonlyMap<string, IntegrationModel> {
  const read = ({ identity, properties }: Resource): readonly [string, IntegrationModel] => {
    refuseOthers(properties, INTEGRATION_PROPERTIES);
    oneOf(properties, 'IntegrationType', ['AWS_PROXY']);
    const integration: IntegrationModel = {
      functionArn: functionOfUri(properties, 'IntegrationUri', functions),
      timeoutMs: numberIn(properties, 'TimeoutInMillis', TIMEOUT_MS),
      hasRole: findTextField(properties, 'CredentialsArn') !== undefined,
    };
    return [identity.ref, integration];
  };
  return new Map(
    resources.flatMap((resource) => {
      const found = attempt(() => read(resource), passOver);
      return found === undefined ? [] : [found];
    }),
  );
}

/**
 * Returns the function's ARN from an integration URI: `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/{function
 * arn}/invocations`.
 */
export function functionOfUri(fields: Fields, name: string, functions: readonly FunctionModel[]): string {
  const uri = getTextField(fields, name);
  const arn = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (arn === undefined) throw unsupported(at(fields, name), `${uri} is not a Lambda function and is not supported`);
  const found = findFunctionByName(functions, arn);
  if (found !== undefined) return found.arn;
  throw new RuntimeSetupError(`${at(fields, name)}: ${arn} is not a function of this template`);
}
