import type { ApplicationModel, RoleModel, Terminal } from '../model.ts';
import type { Access } from './evaluate.ts';
import type { Judge } from './judge.ts';
import { isTrusted, type Session, sessionOfRole } from './sessions.ts';

/** The refusal of a call in the name of a role. */
export interface RoleRefusal {
  readonly message: string;
  /** Whether the caller may not take on the role, so that the service is never called. Default: false. */
  readonly isUntrusted?: boolean;
}

/** The services that call others in the name of a role, with their names in sentences. */
const CALLERS = { 'apigateway.amazonaws.com': 'API Gateway', 'pipes.amazonaws.com': 'EventBridge Pipes' } as const;

/** A service that calls others in the name of a role. */
export type RoleCaller = keyof typeof CALLERS;

/** A role, and the service that takes it on. */
interface TakenRole {
  readonly roleArn: string | undefined;
  readonly caller: RoleCaller;
}

/** Returns the refusal of a call in the name of a role; undefined for one that may pass. */
export type JudgeRole = (role: TakenRole, accesses: readonly Access[]) => Promise<RoleRefusal | undefined>;

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
  return async ({ roleArn, caller }, accesses) => {
    if (roleArn === undefined) return { message: 'the integration has no CredentialsArn' };
    const role = roles.get(roleArn);
    if (role === undefined) return undefined;
    return isTrusted(role, caller) ? judge(sessionOf(role), accesses) : untrusted(roleArn, CALLERS[caller]);
  };
}

const untrusted = (roleArn: string, name: string): RoleRefusal => ({
  message: `${name} does not have permission to assume the provided role ${roleArn}`,
  isUntrusted: true,
});
