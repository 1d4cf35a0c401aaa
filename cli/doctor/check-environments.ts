import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ENVIRONMENT } from '../../shared/config.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { StackResources } from '../instances.ts';
import { listStackResources, type StackResource } from '../list-stack-resources.ts';
import { nameWithin } from '../logical-ids.ts';
import { counted } from '../output.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

const CHECK = 'environments of the functions';
const FUNCTION = 'AWS::Lambda::Function';

/** The functions of an instance, and those of its sources of topics, by their names within it. */
const OWN_FUNCTION = /^(Functions|TopicsFrom)[A-Za-z0-9]*$/;

/**
 * Checks that the functions use the tables and the stage of the outputs, and write metrics under the instance's name.
 */
export async function checkEnvironments({ stack }: Backend): Promise<Finding[]> {
  const { stackName, instance, region, resources } = stack;
  if (stackName === undefined) return [skipped(CHECK, 'the local runtime gives each what the template says')];
  const [lambda, cloudformation] = [new LambdaClient({ region }), new CloudFormationClient({ region })];
  try {
    const functions = functionsOf(await listStackResources(cloudformation, stackName), instance);
    const environments = await runBounded(functions, CLI_BOUNDS.READ_CONCURRENCY, async ({ physicalId: name }) => {
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return { name, variables: Environment?.Variables ?? {} };
    });
    const metrics = instance === '' ? stackName : `${stackName}/${instance}`;
    return environmentFindings(environments, { ...resources, stackName: metrics, topicSettings: stack.topicSettings });
  } finally {
    lambda.destroy();
    cloudformation.destroy();
  }
}

/** Returns the functions of an instance among a stack's resources. An application may have functions of its own. */
export const functionsOf = (resources: readonly StackResource[], instance: string): readonly StackResource[] =>
  resources.filter(
    ({ type, logicalId }) => type === FUNCTION && OWN_FUNCTION.test(nameWithin(instance, logicalId) ?? ''),
  );

interface FunctionEnvironment {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The resources of an instance, with the name by which its metrics differ from those of another. */
type NamedResources = StackResources & {
  readonly stackName: string;
  /** The settings of topics as JSON. Absent: no topic has any. */
  readonly topicSettings?: string | undefined;
};

/**
 * Finds variables that differ from the outputs. A missing one is no finding: the function does not start without it.
 */
export function environmentFindings(functions: readonly FunctionEnvironment[], resources: NamedResources): Finding[] {
  const { webSocketUrl: _, failuresBucket: _1, ...others } = resources;
  const wanted = Object.entries(others).filter(([, value]) => value !== undefined);
  const problems = functions.flatMap(({ name, variables }) =>
    wanted.flatMap(([output, value]) => {
      const variable = ENVIRONMENT_NAMES.get(output) ?? '';
      const found = variables[variable];
      if (found === undefined || found === value) return [];
      return [
        problem(
          `environment of ${name}`,
          `${variable} is ${found}, and the stack's is ${value}`,
          'Somebody changed it by hand: deploy the stack again.',
        ),
      ];
    }),
  );
  return problems.length > 0 ? problems : [ok(CHECK, `${counted(functions.length, 'function')}, as the outputs say`)];
}

const ENVIRONMENT_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(ENVIRONMENT));
