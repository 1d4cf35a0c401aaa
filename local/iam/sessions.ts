import { createHash, randomUUID } from 'node:crypto';
import type { ApplicationModel, FunctionModel, PolicyModel, RoleModel } from '../model.ts';
import { RuntimeSetupError } from '../model.ts';
import type { Rights } from './evaluate.ts';
import { awsManagedPolicy } from './managed-policies.ts';

/** The keys by which a function's SDK clients sign. They are valid for this runtime only. */
export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A function as a caller of services: the session of its role. */
export interface Session {
  readonly functionName: string;
  readonly credentials: SessionKeys;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/FUNCTION`, as refusals name it. */
  readonly sessionArn: string;
  /** The condition keys that are the same for each of its requests. */
  readonly context: Readonly<Record<string, string>>;
  /** Absent for a role that is not in the template: nobody knows its rights here. */
  readonly rights: Rights | undefined;
  /** Whether the role was passed over, so that it grants nothing here. Default: false. */
  readonly isRoleUnread?: boolean;
  /** Returns whether a policy has a condition on a key, which costs something to find out. */
  readonly asksFor: (conditionKey: string) => boolean;
}

/** Characters of an access key id after `ASIA`, as on AWS. */
const KEY_LENGTH = 16;

/**
 * Returns the functions of an application as callers. Throws RuntimeSetupError for a role that Lambda may not take on:
 * AWS creates no such function.
 */
export function sessionsOf(application: ApplicationModel, onUnknown: (what: string) => void): readonly Session[] {
  const roles = new Map(application.roles.map((role) => [role.arn, role]));
  return application.functions.map((model) => {
    const role = roles.get(model.roleArn ?? '');
    if (role === undefined) onUnknown(`${model.name}: its role is not in the template, so its calls are not judged`);
    if (role?.isUnread === true) onUnknown(`${model.name}: its role is passed over, so it may do nothing`);
    if (role !== undefined && !isTrusted(role, 'lambda.amazonaws.com')) {
      throw new RuntimeSetupError(`${model.logicalId}: The role defined for the function cannot be assumed by Lambda.`);
    }
    return sessionOf({ model, role, application, onUnknown });
  });
}

/** Returns whether a service may take on a role. */
export const isTrusted = ({ trustedServices }: RoleModel, service: string): boolean =>
  trustedServices.includes(service) || trustedServices.includes('*');

/** Returns the session of a role that a service other than Lambda takes on, such as that of an integration. */
export function sessionOfRole(
  role: RoleModel,
  { accountId, region }: ApplicationModel,
  onUnknown: (what: string) => void,
): Session {
  const [, partition = 'aws'] = role.arn.split(':');
  const sessionArn = `arn:${partition}:sts::${accountId}:assumed-role/${role.name}/BackplaneAssumeRoleSession`;
  return {
    functionName: role.name,
    // Nobody signs by them: the service is part of the runtime.
    credentials: { accessKeyId: role.arn, secretAccessKey: '', sessionToken: '' },
    sessionArn,
    context: {
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalArn': role.arn,
      'aws:PrincipalType': 'AssumedRole',
      'aws:RequestedRegion': region,
      'aws:SecureTransport': 'true',
    },
    rights: rightsOf({ role, accountId, sessionArn }, onUnknown),
    isRoleUnread: role.isUnread ?? false,
    asksFor: () => true,
  };
}

interface Facts {
  readonly model: FunctionModel;
  readonly role: RoleModel | undefined;
  readonly application: ApplicationModel;
  readonly onUnknown: (what: string) => void;
}

function sessionOf({ model, role, application, onUnknown }: Facts): Session {
  const { accountId, region } = application;
  const roleArn = model.roleArn ?? '';
  const [, partition = 'aws'] = model.arn.split(':');
  const roleName = role?.name ?? roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const sessionArn = `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${model.name}`;
  const rights = role && rightsOf({ role, accountId, sessionArn: sessionArn }, onUnknown);
  const mentioned = JSON.stringify([rights?.policies, rights?.boundaries]).toLowerCase();
  return {
    functionName: model.name,
    credentials: credentialsOf(model),
    sessionArn,
    context: {
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalArn': roleArn,
      'aws:PrincipalType': 'AssumedRole',
      'aws:RequestedRegion': region,
      // On AWS every call of an SDK goes over TLS; here none leaves the machine.
      'aws:SecureTransport': 'true',
      'lambda:SourceFunctionArn': model.arn,
    },
    rights,
    isRoleUnread: role?.isUnread ?? false,
    asksFor: remembered((conditionKey) => mentioned.includes(conditionKey.toLowerCase())),
  };
}

/** Returns a function that asks once for each text. The texts are the condition keys that this runtime knows. */
function remembered(ask: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>();
  return (text) => {
    const answer = answers.get(text) ?? ask(text);
    answers.set(text, answer);
    return answer;
  };
}

type RoleFacts = Pick<Rights, 'accountId' | 'sessionArn'> & { readonly role: RoleModel };

function rightsOf({ role, ...facts }: RoleFacts, onUnknown: Facts['onUnknown']): Rights {
  const managed = role.managedPolicyArns.flatMap((arn) => {
    const policy = awsManagedPolicy(arn);
    if (policy === undefined) onUnknown(`${role.name}: the policy ${arn} is not known here, so it grants nothing`);
    return policy ?? [];
  });
  const { boundary } = role;
  const boundaries = boundary && boundaryOf(role.name, boundary, onUnknown);
  return { ...facts, policies: [...role.policies, ...managed], boundaries };
}

function boundaryOf(
  roleName: string,
  { arn, policy }: NonNullable<RoleModel['boundary']>,
  onUnknown: Facts['onUnknown'],
): readonly PolicyModel[] | undefined {
  const known = policy ?? awsManagedPolicy(arn);
  if (known === undefined) onUnknown(`${roleName}: the boundary ${arn} is not known here, so it forbids nothing`);
  return known && [known];
}

/** The part of all secrets that nobody outside of this process knows. */
const SEED = randomUUID();

/** Returns the credentials of a function. Its key is the same on every run, its secret and its token are not. */
function credentialsOf({ arn, roleArn }: FunctionModel): SessionKeys {
  const digest = (use: string): string => createHash('sha512').update(`${use} ${arn} ${roleArn}`).digest('base64url');
  const letters = digest('key')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toUpperCase();
  return {
    accessKeyId: `ASIA${letters.slice(0, KEY_LENGTH)}`,
    secretAccessKey: digest(`secret ${SEED}`).slice(0, 40),
    sessionToken: digest(`session ${SEED}`),
  };
}
