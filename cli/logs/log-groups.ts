import type { StackResource } from '../list-stack-resources.ts';
import { nameWithin } from '../logical-ids.ts';
import type { Role } from './log-source.ts';

/**
 * Returns the names of the log groups of an instance's functions. Missing ones are left out. A source of topics has
 * each one.
 */
export function logGroupsOf(resources: readonly StackResource[], roles: readonly Role[], instance: string): string[] {
  const groups = resources
    .filter(({ type }) => type === 'AWS::Logs::LogGroup')
    .map(({ logicalId, physicalId }) => ({ name: nameWithin(instance, logicalId) ?? '', physicalId }));
  return roles.flatMap((role) => groups.flatMap(({ name, physicalId }) => (isGroupOf(name, role) ? [physicalId] : [])));
}

const isGroupOf = (name: string, role: Role): boolean =>
  role === 'from-table' ? SOURCE_LOGS.test(name) : name === `Functions${constructOf(role)}Logs`;

/** The log group of a source of topics, which an application names. */
const SOURCE_LOGS = /^TopicsFrom[A-Za-z0-9]*Logs$/;

/** Returns the function's construct as logical ids contain it: `CatchUp`. The CDK leaves out the name `Default`. */
const constructOf = (role: Role): string =>
  role === 'default' ? '' : role.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
