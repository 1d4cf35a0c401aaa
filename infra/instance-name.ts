import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The names of one Distributary in its stack, by which its outputs, metrics and alarms differ from another's. */
export interface InstanceName {
  /** The start of the names of its outputs; empty for the construct id `Default`. */
  readonly prefix: string;
  /** The value of the metrics' dimension `stack`: the stack's name, and behind a slash the prefix if there is one. */
  readonly metrics: string;
}

/** The construct id that the CDK leaves out of logical ids. */
const HIDDEN = 'Default';

/**
 * Names a construct by its path in its stack: `Live`, or `ShopLive` for one inside of `Shop`. Only letters and digits
 * remain, as in a logical id. The CDK refuses a stack in which two outputs get one name.
 */
export function instanceNameOf(construct: Construct): InstanceName {
  const stack = Stack.of(construct);
  const ids = construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  const prefix = ids
    .filter((id) => id !== HIDDEN)
    .join('')
    .replaceAll(/[^A-Za-z0-9]/g, '');
  return { prefix, metrics: prefix === '' ? stack.stackName : `${stack.stackName}/${prefix}` };
}
