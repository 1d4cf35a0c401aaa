import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rememberOnce } from '../helpers/run-cache.ts';
import { type CloudFormation, ROOT, SynthesizedStack } from './synthesized-stack.ts';

const PRINTER = join(import.meta.dirname, 'print-construct.ts');

/** The stacks of an engineer's app, as `print-construct.ts` prints them. */
export type PrintedConstructs = Readonly<
  Record<
    string,
    {
      readonly template: CloudFormation;
      readonly warnings: readonly string[];
      readonly remarks: readonly string[];
    }
  >
>;

/** Synthesizes an engineer's app with several Distributaries. */
export const printConstructs = (): PrintedConstructs => JSON.parse(rememberOnce('constructs', () => run([]).stdout));

/** Runs the app with cdk-nag in it. */
export const runWithNag = () => run(['nag']);

function run(args: readonly string[]) {
  const result = spawnSync(process.execPath, [PRINTER, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (args.length === 0 && result.status !== 0) throw new Error(`The app is not synthesized:\n${result.stderr}`);
  return result;
}

/** A stack of the app, with its resources under the names of their constructs. */
export function constructStack(name: string): SynthesizedStack {
  const printed = printConstructs()[name];
  if (printed === undefined) throw new Error(`There is no stack ${name}.`);
  return new SynthesizedStack({ stackName: name, ...printed });
}
