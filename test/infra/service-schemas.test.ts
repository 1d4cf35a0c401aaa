import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { SpecDatabase } from '@aws-cdk/service-spec-types';
import { schemaFaults } from './schema-faults.ts';
import { printConstructs } from './synthesized-construct.ts';
import type { CloudFormation } from './synthesized-stack.ts';

describe('the schemas of the services themselves', () => {
  let schemas: SpecDatabase;

  beforeAll(async () => {
    schemas = await loadAwsServiceSpec();
  });

  it.each(Object.entries(printConstructs()))('know each property of the stack %s, and miss none', (_, { template }) => {
    expect(schemaFaults(template, schemas)).toEqual([]);
    expect(Object.keys(template.Resources).length).toBeGreaterThan(20);
  });

  /** Returns the faults of one resource. */
  const faultsOf = (Type: string, Properties: CloudFormation['Resources'][string]['Properties']) =>
    schemaFaults({ Resources: { R: { Type, Properties } }, Outputs: {} }, schemas);

  it('find what is unknown and what is missing, at any depth', () => {
    expect(faultsOf('AWS::Lambda::Functions', {})).toEqual(['R: there is no AWS::Lambda::Functions']);
    expect(faultsOf('AWS::Lambda::Function', { Code: { ZipFiles: '' }, Timeouts: 3 })).toEqual([
      'R: Role is missing',
      'R.Code: there is no ZipFiles',
      'R: there is no Timeouts',
    ]);
    expect(faultsOf('AWS::DynamoDB::GlobalTable', { Replicas: [{ Regions: 'eu-west-1' }] })).toEqual(
      expect.arrayContaining(['R.Replicas.0: Region is missing', 'R.Replicas.0: there is no Regions']),
    );
  });

  it('find an attribute that a resource does not have', () => {
    const Properties = { Name: { 'Fn::GetAtt': ['R', 'Streams'] } };

    expect(faultsOf('AWS::SNS::Topic', { TopicName: Properties.Name })).toEqual([
      'R: R (AWS::SNS::Topic) has no Streams',
    ]);
  });
});
