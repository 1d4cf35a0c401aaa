import type { PolicyModel, RoleModel } from '../model.ts';
import { asFields, findFields, findTextField, getTextField, type Fields, listFields, listTexts } from './fields.ts';
import type { Identity } from './identities.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** The service that must be allowed to take on the role of a function. */
const LAMBDA_SERVICE = 'lambda.amazonaws.com';
/** The service that must be allowed to take on the role of a pipe. */
const PIPES_SERVICE = 'pipes.amazonaws.com';

/**
 * Returns the roles of the template with all their policies: inline, attached by `AWS::IAM::Policy` or
 * `AWS::IAM::RolePolicy`, and managed. A managed policy of AWS is known by its ARN alone.
 */
export function readRoles(template: ResolvedTemplate): readonly RoleModel[] {
  const attached = template.ofType('AWS::IAM::Policy', 'AWS::IAM::RolePolicy').map(readAttached);
  const managed = template.ofType('AWS::IAM::ManagedPolicy').map(readManaged);
  return template.readEach('AWS::IAM::Role', (role) => readRole(role, [...attached, ...managed]), unreadRole);
}

/** Returns a role that cannot be read as one without policies: its functions may do nothing. */
function unreadRole({ ref, attributes }: Identity): RoleModel {
  const arn = attributes['Arn'] ?? '';
  return { name: ref, arn, policies: [], managedPolicyArns: [], trustsLambda: true, isUnread: true };
}

/** A policy of its own resource, and what refers to it. */
interface Attached {
  readonly policy: PolicyModel;
  /** The names of the roles that the policy names itself. */
  readonly roleNames: readonly string[];
  /** The ARN by which roles name the policy, if it is a managed one. */
  readonly arn?: string;
}

function readAttached({ logicalId, properties }: Resource): Attached {
  const single = findTextField(properties, 'RoleName');
  const roleNames = single === undefined ? listTexts(properties, 'Roles') : [single];
  return { policy: policyOf(properties, logicalId), roleNames };
}

function readManaged({ logicalId, identity, properties }: Resource): Attached {
  const roleNames = listTexts(properties, 'Roles');
  return { policy: policyOf(properties, logicalId), roleNames, arn: identity.ref };
}

function policyOf(properties: Fields, logicalId: string): PolicyModel {
  const name = findTextField(properties, 'PolicyName') ?? findTextField(properties, 'ManagedPolicyName') ?? logicalId;
  return { name, document: findFields(properties, 'PolicyDocument')?.values ?? {} };
}

function readRole({ identity, properties }: Resource, attached: readonly Attached[]): RoleModel {
  const arns = listTexts(properties, 'ManagedPolicyArns');
  const inline = listFields(properties, 'Policies').map((fields) =>
    policyOf(fields, getTextField(fields, 'PolicyName')),
  );
  const others = attached.filter(
    ({ roleNames, arn }) => roleNames.includes(identity.ref) || (arn !== undefined && arns.includes(arn)),
  );
  const boundaryArn = findTextField(properties, 'PermissionsBoundary');
  return {
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    policies: [...inline, ...others.map(({ policy }) => policy)],
    managedPolicyArns: arns.filter((arn) => !attached.some((one) => one.arn === arn)),
    ...(boundaryArn === undefined
      ? {}
      : { boundary: { arn: boundaryArn, policy: attached.find(({ arn }) => arn === boundaryArn)?.policy } }),
    trustsLambda: trusts(properties, LAMBDA_SERVICE),
    trustsPipes: trusts(properties, PIPES_SERVICE),
  };
}

/** Whether the trust policy of a role names a service anywhere in a principal. Its conditions are not looked at. */
function trusts(role: Fields, service: string): boolean {
  const document = asFields(role.values['AssumeRolePolicyDocument'], role.path);
  return listFields(document, 'Statement').some(
    (statement) =>
      findTextField(statement, 'Effect') === 'Allow' &&
      JSON.stringify(statement.values['Principal'] ?? null).includes(service),
  );
}
