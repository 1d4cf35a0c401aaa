import { type CorsModel, type FunctionModel, type FunctionUrlModel, RuntimeSetupError } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findFlagField,
  findNumberField,
  getTextField,
  listTexts,
  oneOf,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { findFunctionByName } from './function-references.ts';
import { isUrlPermitted } from './permissions.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

const URL_PROPERTIES = ['AuthType', 'Cors', 'InvokeMode', 'TargetFunctionArn'];

const CORS_PROPERTIES = ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge'];

/** Returns the one function URL of the template, if it has one. Throws RuntimeSetupError. */
export function readFunctionUrl(
  template: ResolvedTemplate,
  functions: readonly FunctionModel[],
): FunctionUrlModel | undefined {
  const [url, other] = template.readEach('AWS::Lambda::Url', (resource) => readUrl(resource, { template, functions }));
  if (other !== undefined) {
    template.passOver(unsupported(other.logicalId, 'more than one function URL is not supported'));
  }
  return url;
}

interface Surroundings {
  readonly template: ResolvedTemplate;
  readonly functions: readonly FunctionModel[];
}

function readUrl(
  { logicalId, identity, properties }: Resource,
  { template, functions }: Surroundings,
): FunctionUrlModel {
  refuseOthers(properties, URL_PROPERTIES);
  oneOf(properties, 'AuthType', ['NONE']);
  oneOf(properties, 'InvokeMode', ['RESPONSE_STREAM']);
  const target = getTextField(properties, 'TargetFunctionArn');
  const found = findFunctionByName(functions, target);
  if (found === undefined) {
    throw new RuntimeSetupError(`${at(properties, 'TargetFunctionArn')}: ${target} is not a function of this template`);
  }
  const cors = findFields(properties, 'Cors');
  return {
    logicalId,
    urlId: identity.ref,
    functionArn: found.arn,
    permitted: isUrlPermitted(template, found),
    ...(cors === undefined ? {} : { cors: readCors(cors) }),
  };
}

function readCors(cors: Fields): CorsModel {
  refuseOthers(cors, CORS_PROPERTIES);
  return {
    allowOrigins: listTexts(cors, 'AllowOrigins'),
    allowMethods: listTexts(cors, 'AllowMethods'),
    allowHeaders: listTexts(cors, 'AllowHeaders'),
    exposeHeaders: listTexts(cors, 'ExposeHeaders'),
    allowCredentials: findFlagField(cors, 'AllowCredentials') ?? false,
    maxAgeSeconds: findNumberField(cors, 'MaxAge'),
  };
}
