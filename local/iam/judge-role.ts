import type { ApplicationModel, Terminal } from '../model.ts';
import type { Access } from './evaluate.ts';
import type { Judge } from './judge.ts';
import { type Session, sessionOfRole } from './sessions.ts';

/** Returns the words of the refusal of a call in the name of a role; undefined for one that may pass. */
export type JudgeRole = (
  roleArn: string | undefined,
  accesses: readonly Access[],
) => Promise<{ readonly message: string } | undefined>;

/** Returns the judge of what services do in the name of roles. A role that is not in the template is not judged. */
export function createRoleJudge(
  application: ApplicationModel,
  judge: Judge['judge'],
  { warn }: Pick<Terminal, 'warn'>,
): JudgeRole {
  const sessions = new Map<string, Session>();
  const sessionOf = (roleArn: string): Session | undefined => {
    const role = application.roles.find(({ arn }) => arn === roleArn);
    const session = sessions.get(roleArn) ?? (role && sessionOfRole(role, application, warn));
    if (session !== undefined) sessions.set(roleArn, session);
    return session;
  };
  return async (roleArn, accesses) => {
    if (roleArn === undefined) return { message: 'the integration has no CredentialsArn' };
    const session = sessionOf(roleArn);
    return session && judge(session, accesses);
  };
}
