import { type CorsModel, type FunctionModel, type FunctionUrlModel, RuntimeSetupError } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findFlagField,
  findNumberField,
  getTextField,
  listTexts,
  findTextField,
  oneOf,
  refuseOthers,
} from './fields.ts';
import { findFunctionByName } from './function-references.ts';
import { isUrlPermitted } from './permissions.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

const URL_PROPERTIES = ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'];

const URL_TYPE = 'AWS::Lambda::Url';

const CORS_PROPERTIES = ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge'];

/** The ids of function URLs: of the first that takes requests without a signature, and of the others. */
interface UrlIds {
  readonly openId: string | undefined;
  readonly otherIds: readonly string[];
}

/** Lists the function URLs of a template. The first open one shares the port of the page, each other has its own. */
export function listUrlIds(template: ResolvedTemplate): UrlIds {
  const urls = template.ofType(URL_TYPE);
  const openId = urls.find(({ properties }) => findTextField(properties, 'AuthType') === 'NONE')?.identity.ref;
  const otherIds = urls.map(({ identity }) => identity.ref).filter((id) => id !== openId);
  return { openId, otherIds };
}

/** The parts of a template that function URLs refer to. */
interface Surroundings {
  readonly functions: readonly FunctionModel[];
  /** The ports of the URLs, by their ids. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Returns the function URLs of a template, that of the page's port first. Throws RuntimeSetupError. */
export function readFunctionUrls(template: ResolvedTemplate, surroundings: Surroundings): readonly FunctionUrlModel[] {
  const { openId } = listUrlIds(template);
  const urls = template.readEach(URL_TYPE, (resource) => readUrl(resource, template, surroundings));
  return urls.toSorted((a, b) => Number(b.urlId === openId) - Number(a.urlId === openId));
}

function readUrl(
  { logicalId, identity, properties }: Resource,
  template: ResolvedTemplate,
  { functions, ports }: Surroundings,
): FunctionUrlModel {
  refuseOthers(properties, URL_PROPERTIES);
  const authType = oneOf(properties, 'AuthType', ['NONE', 'AWS_IAM']);
  oneOf(properties, 'InvokeMode', ['RESPONSE_STREAM']);
  const target = getTextField(properties, 'TargetFunctionArn');
  const found = findFunctionByName(functions, target);
  if (found === undefined) {
    throw new RuntimeSetupError(`${at(properties, 'TargetFunctionArn')}: ${target} is not a function of this template`);
  }
  const cors = findFields(properties, 'Cors');
  const qualifier = findTextField(properties, 'Qualifier');
  return {
    logicalId,
    urlId: identity.ref,
    functionArn: found.arn,
    port: ports.get(identity.ref) ?? 0,
    qualifiedArn: qualifier === undefined ? found.arn : `${found.arn}:${qualifier}`,
    isSigned: authType === 'AWS_IAM',
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
