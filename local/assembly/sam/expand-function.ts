import type { Json } from '../../model.ts';
import {
  at,
  type Fields,
  findFields,
  findTextField,
  isJsonObject,
  type JsonObject,
  refuseOthers,
  unsupported,
} from '../fields.ts';
import type { ServerlessResource } from './serverless-resource.ts';
import { expandEvents } from './expand-events.ts';
import { rolePolicies } from './policies.ts';

/** The properties that Lambda's own function has too. */
const LAMBDA_PROPERTIES = [
  'Architectures',
  'CodeSigningConfigArn',
  'Description',
  'Environment',
  'EphemeralStorage',
  'FunctionName',
  'Handler',
  'KmsKeyArn',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'ReservedConcurrentExecutions',
  'Role',
  'Runtime',
  'RuntimeManagementConfig',
  'Timeout',
  'VpcConfig',
] as const;

/** The properties that are expanded, and after them those without effect on one machine. */
const OWN_PROPERTIES = [
  'AutoPublishAlias',
  'CodeUri',
  'DeadLetterQueue',
  'EventInvokeConfig',
  'Events',
  'FunctionUrlConfig',
  'InlineCode',
  'PackageType',
  'Policies',
  'AssumeRolePolicyDocument',
  'PermissionsBoundary',
  'AutoPublishAliasAllProperties',
  'AutoPublishCodeSha256',
  'DeploymentPreference',
  'ProvisionedConcurrencyConfig',
  'PropagateTags',
  'RolePath',
  'Tags',
  'Tracing',
  'VersionDescription',
] as const;

/** Returns the resources of an `AWS::Serverless::Function`: the function, its role, and what its events become. */
export function expandFunction(resource: ServerlessResource): Record<string, JsonObject> {
  const { logicalId, properties, shared } = resource;
  refuseOthers(properties, [...LAMBDA_PROPERTIES, ...OWN_PROPERTIES]);
  if ((findTextField(properties, 'PackageType') ?? 'Zip') !== 'Zip')
    throw unsupported(at(properties, 'PackageType'), 'a container image is not supported');
  const own = LAMBDA_PROPERTIES.flatMap((name) => {
    const value = properties.values[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const role = { 'Fn::GetAtt': [`${logicalId}Role`, 'Arn'] };
  const Properties = { Role: role, ...Object.fromEntries(own), Code: codeOf(properties), ...deadLetters(properties) };
  return {
    [logicalId]: { ...shared, Type: 'AWS::Lambda::Function', Properties },
    ...(properties.values['Role'] === undefined ? expandRole(resource) : {}),
    ...expandEvents(resource),
    ...expandAlias(resource),
    ...expandEventSettings(resource),
    ...expandUrl(resource),
  };
}

/** Returns the code: inline, in a bucket, or a path beside the template, which only the runtime takes. */
function codeOf(properties: Fields): Json {
  const inline = properties.values['InlineCode'];
  if (inline !== undefined) return { ZipFile: inline };
  const uri = properties.values['CodeUri'];
  if (!isJsonObject(uri)) return uri ?? '.';
  const { Bucket = null, Key = null } = uri;
  return { S3Bucket: Bucket, S3Key: Key };
}

function deadLetters(properties: Fields): JsonObject {
  const queue = findFields(properties, 'DeadLetterQueue');
  return queue === undefined ? {} : { DeadLetterConfig: { TargetArn: queue.values['TargetArn'] ?? null } };
}

function expandRole(resource: ServerlessResource): Record<string, JsonObject> {
  const { logicalId, properties, shared } = resource;
  const Statement = [{ Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] }];
  const { AssumeRolePolicyDocument = { Version: '2012-10-17', Statement }, PermissionsBoundary } = properties.values;
  const Properties = {
    AssumeRolePolicyDocument,
    ...(PermissionsBoundary === undefined ? {} : { PermissionsBoundary }),
    ...rolePolicies(resource),
  };
  return { [`${logicalId}Role`]: { ...shared, Type: 'AWS::IAM::Role', Properties } };
}

function expandAlias({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  const alias = findTextField(properties, 'AutoPublishAlias');
  if (alias === undefined) return {};
  const version = `${logicalId}Version`;
  const FunctionName = { Ref: logicalId };
  const FunctionVersion = { 'Fn::GetAtt': [version, 'Version'] };
  return {
    [version]: { ...shared, Type: 'AWS::Lambda::Version', Properties: { FunctionName } },
    [`${logicalId}Alias${alias}`]: {
      ...shared,
      Type: 'AWS::Lambda::Alias',
      Properties: { Name: alias, FunctionName, FunctionVersion },
    },
  };
}

function expandEventSettings({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  const settings = findFields(properties, 'EventInvokeConfig');
  if (settings === undefined) return {};
  const Properties = { ...settings.values, FunctionName: { Ref: logicalId }, Qualifier: '$LATEST' };
  return { [`${logicalId}EventInvokeConfig`]: { ...shared, Type: 'AWS::Lambda::EventInvokeConfig', Properties } };
}

/** Returns the function URL, and the permissions of one that everyone may call. */
function expandUrl({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  const settings = findFields(properties, 'FunctionUrlConfig');
  if (settings === undefined) return {};
  const target = { Ref: logicalId };
  const url = { Type: 'AWS::Lambda::Url', Properties: { ...settings.values, TargetFunctionArn: target } };
  const resources = { [`${logicalId}Url`]: { ...shared, ...url } };
  if (settings.values['AuthType'] !== 'NONE') return resources;
  const permission = (Action: string, others: JsonObject): JsonObject => ({
    ...shared,
    Type: 'AWS::Lambda::Permission',
    Properties: { Action, Principal: '*', FunctionName: target, ...others },
  });
  return {
    ...resources,
    [`${logicalId}UrlPublicPermissions`]: permission('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }),
    [`${logicalId}URLInvokeAllowPublicAccess`]: permission('lambda:InvokeFunction', { InvokedViaFunctionUrl: true }),
  };
}
