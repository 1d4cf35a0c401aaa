import type { ApplicationModel, RoleModel, Terminal } from '../model.ts';
import type { Access } from './evaluate.ts';
import type { Judge } from './judge.ts';
import { isTrusted, type Session, sessionOfRole } from './sessions.ts';

/** The refusal of a call in the name of a role. */
export interface RoleRefusal {
  readonly message: string;
  /** Whether API Gateway may not take on the role, so that the service is never called. Default: false. */
  readonly isUntrusted?: boolean;
}

/** Returns the refusal of a call in the name of a role; undefined for one that may pass. */
export type JudgeRole = (roleArn: string | undefined, accesses: readonly Access[]) => Promise<RoleRefusal | undefined>;

/** The service that takes on the roles of integrations. */
const API_GATEWAY = 'apigateway.amazonaws.com';

/** Returns the judge of what services do in the name of roles. A role that is not in the template is not judged. */
export function createRoleJudge(
  application: ApplicationModel,
  judge: Judge['judge'],
  { warn }: Pick<Terminal, 'warn'>,
): JudgeRole {
  const sessions = new Map<string, Session>();
  const roles = new Map(application.roles.map((role) => [role.arn, role]));
  const sessionOf = (role: RoleModel): Session => {
    const session = sessions.get(role.arn) ?? sessionOfRole(role, application, warn);
    sessions.set(role.arn, session);
    return session;
  };
  return async (roleArn, accesses) => {
    if (roleArn === undefined) return { message: 'the integration has no CredentialsArn' };
    const role = roles.get(roleArn);
    if (role === undefined) return undefined;
    return isTrusted(role, API_GATEWAY) ? judge(sessionOf(role), accesses) : untrusted(roleArn);
  };
}

const untrusted = (roleArn: string): RoleRefusal => ({
  message: `API Gateway does not have permission to assume the provided role ${roleArn}`,
  isUntrusted: true,
});
