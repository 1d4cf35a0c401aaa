import { RuntimeSetupError } from '../model.ts';
import type { StackTemplate } from './cloud-assembly.ts';

/** Returns the stacks with the wanted names or ids, or all. Throws RuntimeSetupError when there are none. */
export function chooseStacks(
  stacks: readonly StackTemplate[],
  wanted: readonly string[],
  directory: string,
): readonly StackTemplate[] {
  if (stacks.length === 0) throw new RuntimeSetupError(`the cloud assembly in ${directory} has no stack`);
  const unknown = wanted.find((name) => !stacks.some((stack) => isNamed(stack, name)));
  if (unknown !== undefined) {
    const known = stacks.map(({ id }) => id).join(', ');
    throw new RuntimeSetupError(`--stack: the cloud assembly in ${directory} has no ${unknown}; it has ${known}`);
  }
  return wanted.length === 0 ? stacks : stacks.filter((stack) => wanted.some((name) => isNamed(stack, name)));
}

const isNamed = ({ id, stackName }: StackTemplate, name: string): boolean => id === name || stackName === name;
