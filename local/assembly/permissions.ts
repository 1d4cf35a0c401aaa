import type { FunctionModel } from '../model.ts';
import { findFlagField, findTextField, getTextField, refuseOthers } from './fields.ts';
import { findFunctionByName } from './function-references.ts';
import { arnOf, type PseudoParameters } from './physical-names.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

const PERMISSION_PROPERTIES = [
  'Action',
  'FunctionName',
  'Principal',
  'SourceAccount',
  'SourceArn',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
];

/** Returns whether API Gateway may invoke a function for a source, such as `abc123/live/publish`. */
export type IsPermitted = (functionArn: string, source: string) => boolean;

/**
 * Returns a check by the `Lambda::Permission`s of the template, as Lambda does it. A route without a permission answers
 * "Internal server error" here as well, instead of only after deployment.
 */
export function permissionsOf(template: ResolvedTemplate, functions: readonly FunctionModel[]): IsPermitted {
  const permissions = template.ofType('AWS::Lambda::Permission');
  for (const permission of permissions) refuseOthers(permission.properties, PERMISSION_PROPERTIES);
  const forGateway = permissions.filter((permission) => allowsGateway(permission, template.pseudo));
  return (functionArn, source) => {
    const sourceArn = arnOf(template.pseudo, 'execute-api', source);
    return forGateway.some((permission) => {
      const named = getTextField(permission.properties, 'FunctionName');
      return findFunctionByName(functions, named)?.arn === functionArn && covers(permission, sourceArn);
    });
  };
}

/** Returns whether everyone may invoke a function by its URL: a URL without authentication needs the permission too. */
export function isUrlPermitted(template: ResolvedTemplate, called: FunctionModel): boolean {
  const actions = template.ofType('AWS::Lambda::Permission').flatMap(({ properties }) => {
    const isNamed = findFunctionByName([called], getTextField(properties, 'FunctionName')) !== undefined;
    const isForAll = isNamed && getTextField(properties, 'Principal') === '*';
    return isForAll ? [getTextField(properties, 'Action')] : [];
  });
  return actions.includes('lambda:InvokeFunctionUrl') && actions.includes('lambda:InvokeFunction');
}

function allowsGateway({ properties }: Resource, pseudo: PseudoParameters): boolean {
  const account = findTextField(properties, 'SourceAccount') ?? pseudo.accountId;
  if (findFlagField(properties, 'InvokedViaFunctionUrl') === true) return false;
  return (
    account === pseudo.accountId &&
    ['apigateway.amazonaws.com', '*'].includes(getTextField(properties, 'Principal')) &&
    ['lambda:InvokeFunction', 'lambda:*'].includes(getTextField(properties, 'Action'))
  );
}

/**
 * Returns whether a permission covers a source ARN. `*` stands for any text, slashes included: CDK writes
 * `<api>/*$connect`.
 */
function covers({ properties }: Resource, sourceArn: string): boolean {
  const pattern = findTextField(properties, 'SourceArn');
  if (pattern === undefined) return true;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.?+^$()[\]{}|\\/]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(sourceArn);
}
