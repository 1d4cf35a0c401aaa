import { CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { CfnIntegration } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda';

import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { type SampleParts, synthesizeSample } from './sample-app.ts';

describe('loadAssembly', () => {
  const refusals: readonly (readonly [string, (parts: SampleParts) => void, RegExp])[] = [
    [
      'a resource type that is not supported, by type and logical id',
      ({ stack }) => new CfnResource(stack, 'Queue', { type: 'AWS::Kinesis::Stream' }),
      /^Sample\.template\.json: Queue: the resource type AWS::Kinesis::Stream is not supported .*docs\/local-runtime\.md/,
    ],
    [
      'stacks of several regions, by name',
      ({ app }) => new Stack(app, 'Second', { env: { region: 'eu-west-1' } }),
      /Sample is in 000000000000\/us-east-1 and Second in 000000000000\/eu-west-1.*--stack/,
    ],
    [
      'two tables with one name',
      ({ app }) => {
        for (const id of ['One', 'Two']) {
          const table = new CfnTable(new Stack(app, id), id, { keySchema: [{ attributeName: 'id', keyType: 'HASH' }] });
          table.tableName = 'Shared';
        }
      },
      /^One and Two are two resources with one name, the table Shared: choose a stack with --stack$/,
    ],
    [
      'a tumbling window over several lanes',
      ({ stack }) => changeEach(stack, CfnEventSourceMapping, (mapping) => (mapping.tumblingWindowInSeconds = 5)),
      /TumblingWindowInSeconds: Lambda takes a tumbling window with a ParallelizationFactor of 1 only/,
    ],
    [
      'a tumbling window that is too long',
      ({ stack }) => changeEach(stack, CfnEventSourceMapping, (mapping) => (mapping.tumblingWindowInSeconds = 901)),
      /TumblingWindowInSeconds is 901; allowed: 0 to 900/,
    ],
    [
      'a batch size out of range',
      ({ stack }) => changeEach(stack, CfnEventSourceMapping, (mapping) => (mapping.batchSize = 10_001)),
      /BatchSize is 10001; allowed: 1 to 10000/,
    ],
    [
      'a filter pattern that is no JSON',
      ({ stack }) =>
        changeEach(
          stack,
          CfnEventSourceMapping,
          (mapping) => (mapping.filterCriteria = { filters: [{ pattern: '{' }] }),
        ),
      /invalid filter pattern definition/,
    ],
    [
      'a property that would be without effect',
      ({ stack }) =>
        changeEach(stack, CfnEventSourceMapping, (mapping) =>
          mapping.addPropertyOverride('ProvisionedPollerConfig', { MinimumPollers: 1 }),
        ),
      /Properties\.ProvisionedPollerConfig: this property is not supported/,
    ],
    [
      'an integration timeout beyond API Gateway’s',
      ({ stack }) => changeEach(stack, CfnIntegration, (integration) => (integration.timeoutInMillis = 30_000)),
      /TimeoutInMillis is 30000; allowed: 50 to 29000/,
    ],
    [
      'an environment variable that Lambda sets itself',
      ({ stack }) =>
        changeEach(stack, CfnFunction, (fn) => fn.addPropertyOverride('Environment.Variables.AWS_REGION', 'eu-west-1')),
      /AWS_REGION is reserved/,
    ],
    [
      'an environment larger than Lambda takes',
      ({ handler }) => handler.addEnvironment('LARGE', 'x'.repeat(5_000)),
      /bytes; Lambda takes 4096/,
    ],
    [
      'a reference to nothing, with its path',
      ({ handler }) => handler.addEnvironment('LOST', Fn.getAtt('Nothing', 'Arn').toString()),
      /Variables\.LOST\.Fn::GetAtt: the template has no Nothing/,
    ],
  ];

  it.each(refusals)('refuses %s', (_what, change, message) => {
    const directory = temporaryDirectory();
    const assembly = synthesizeSample(directory.path, change);

    const failure = failureOfLoading(assembly);

    directory.remove();
    expect(failure).toMatchObject({ name: 'RuntimeSetupError', message: expect.stringMatching(message) });
  });

  it('says so when the directory holds no cloud assembly', () => {
    const directory = temporaryDirectory();

    const failure = failureOfLoading(directory.path);

    directory.remove();
    expect(failure).toMatchObject({
      name: 'RuntimeSetupError',
      message: expect.stringMatching(/manifest\.json cannot be read/),
    });
  });
});

function changeEach<T>(stack: Stack, kind: new (...args: never[]) => T, change: (node: T) => unknown): void {
  for (const node of stack.node.findAll()) if (node instanceof kind) change(node);
}

function failureOfLoading(directory: string): unknown {
  try {
    return loadAssembly(directory, { port: 4000 });
  } catch (error) {
    return error;
  }
}
