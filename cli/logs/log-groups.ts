import type { StackResource } from '../list-stack-resources.ts';
import type { Role } from './log-source.ts';

/**
 * Returns the names of the log groups of these functions. Missing ones are left out. A source of topics has each one.
 */
export function logGroupsOf(resources: readonly StackResource[], roles: readonly Role[]): string[] {
  const groups = resources.filter(({ type }) => type === 'AWS::Logs::LogGroup');
  return roles.flatMap((role) =>
    groups.flatMap(({ logicalId, physicalId }) => (isGroupOf(logicalId, role) ? [physicalId] : [])),
  );
}

/** The end of a logical id: eight digits that the CDK derives from the construct's path. */
const HASH = '[0-9A-F]{8}';

const isGroupOf = (logicalId: string, role: Role): boolean =>
  role === 'from-table'
    ? SOURCE_LOGS.test(logicalId)
    : new RegExp(`^Functions${constructOf(role)}Logs${HASH}$`).test(logicalId);

/** The log group of a source of topics, which an application names. */
const SOURCE_LOGS = new RegExp(`TopicsFrom[A-Za-z0-9]*Logs${HASH}$`);

/** Returns the function's construct as logical ids contain it: `CatchUp`. The CDK leaves out the name `Default`. */
const constructOf = (role: Role): string =>
  role === 'default' ? '' : role.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
