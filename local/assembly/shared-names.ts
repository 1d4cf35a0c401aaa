import { RuntimeSetupError } from '../model.ts';

interface NamedModel {
  readonly logicalId: string;
  readonly name: string;
}

/**
 * Throws RuntimeSetupError for two resources of one kind with one physical name, as a deployment would. Copies of a
 * stack in one assembly, one for each environment, often have such names.
 */
export function refuseSharedNames(models: Readonly<Record<string, readonly NamedModel[]>>): void {
  for (const [kind, list] of Object.entries(models)) {
    const seen = new Map<string, string>();
    for (const { logicalId, name } of list) {
      const other = seen.get(name);
      if (other !== undefined) {
        throw new RuntimeSetupError(
          `${other} and ${logicalId} are two resources with one name, the ${kind} ${name}: choose a stack with --stack`,
        );
      }
      seen.set(name, logicalId);
    }
  }
}
