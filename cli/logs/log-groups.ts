import type { StackResource } from '../list-stack-resources.ts';
import type { Role } from './log-source.ts';

/** Returns the names of the log groups of these functions. Missing ones are left out. */
export function logGroupsOf(resources: readonly StackResource[], roles: readonly Role[]): string[] {
  const groups = resources.filter(({ type }) => type === 'AWS::Logs::LogGroup');
  return roles.flatMap((role) => groups.find(({ logicalId }) => isGroupOf(logicalId, role))?.physicalId ?? []);
}

/** The end of a logical id: eight digits that the CDK derives from the construct's path. */
const HASH = '[0-9A-F]{8}';

const isGroupOf = (logicalId: string, role: Role): boolean =>
  new RegExp(`^Functions${constructOf(role)}Logs${HASH}$`).test(logicalId);

/** Returns the function's construct as logical ids contain it: `CatchUp`. The CDK leaves out the name `Default`. */
const constructOf = (role: Role): string =>
  role === 'default' ? '' : role.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
