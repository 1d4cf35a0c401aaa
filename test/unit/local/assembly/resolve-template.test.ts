import { pseudoParametersOf } from '../../../../local/assembly/physical-names.ts';
import { resolveTemplate } from '../../../../local/assembly/resolve-template.ts';
import type { Json } from '../../../../local/model.ts';

const PLACE = pseudoParametersOf({ stackName: 'Stack', region: 'eu-west-1', accountId: '000000000000' });

const TEMPLATE = {
  Parameters: {
    Stage: { Type: 'String', Default: 'live' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
    Asked: { Type: 'String' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/some/name' },
  },
  Mappings: { Sizes: { 'eu-west-1': { memory: 512 } } },
  Conditions: {
    IsLive: { 'Fn::Equals': [{ Ref: 'Stage' }, 'live'] },
    IsNotLive: { 'Fn::Not': [{ Condition: 'IsLive' }] },
    Both: { 'Fn::And': [{ Condition: 'IsLive' }, { Condition: 'IsNotLive' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsLive' }, { Condition: 'IsNotLive' }] },
    Circle: { 'Fn::Not': [{ Condition: 'Circle' }] },
  },
};

/** Resolves a value as an output of a template with one table, one role and the given sections. */
function resolve(value: Json, more: Record<string, Json> = {}): string | undefined {
  const resources = {
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } } },
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Sub': '${AWS::StackName}-role' } } },
    ...more,
  };
  const values = { ...TEMPLATE, Resources: resources, Outputs: { Out: { Value: value } } };
  return resolveTemplate({ path: '', values }, PLACE).outputs()['Out'];
}

describe('resolveTemplate', () => {
  it.each<[string, Json, string]>([
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['a parameter', { Ref: 'Stage' }, 'live'],
    ['a resource’s name', { Ref: 'Table' }, 'Stack-Table'],
    ['an attribute', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:eu-west-1:000000000000:table/Stack-Table'],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Role.Arn' }, 'arn:aws:iam::000000000000:role/Stack-role'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, { Ref: 'AWS::NoValue' }, 'b']] }, 'a-live-b'],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${Stage} ${Table.Arn} ${!Kept}' },
      'live arn:aws:dynamodb:eu-west-1:000000000000:table/Stack-Table ${Kept}',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${Own}/${Stage}', { Own: { Ref: 'Table' } }] }, 'Stack-Table/live'],
    ['Fn::Select and Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::Select of a list parameter', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, '512'],
    ['Fn::If, true', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['Fn::If, false', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
  ])('resolves %s', (_what, value, expected) => {
    const resolved = resolve(value);

    expect(resolved).toBe(expected);
  });

  it.each<[string, Json, RegExp]>([
    [
      'a reference to nothing',
      { 'Fn::Join': ['', [{ Ref: 'Nobody' }]] },
      /Outputs\.Out\.Value\.Fn::Join\[1\]\[0\]\.Ref: the template has no Nobody/,
    ],
    ['an attribute that is not known', { 'Fn::GetAtt': ['Table', 'Colour'] }, /attribute Colour of Table/],
    ['a function that is not supported', { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }, /Fn::Cidr is not supported/],
    ['an import of what no stack exports', { 'Fn::ImportValue': 'x' }, /no stack of this assembly exports x/],
    ['a parameter without default', { Ref: 'Asked' }, /Asked has no default/],
    ['a parameter that lives in an account', { Ref: 'Stored' }, /Stored \(AWS::SSM/],
    ['a dynamic reference', '{{resolve:ssm:/a}}', /dynamic reference/],
    ['an element that is not there', { 'Fn::Select': [3, ['a']] }, /has no element 3/],
    [
      'a mapping that is not there',
      { 'Fn::FindInMap': ['Sizes', 'mars', 'memory'] },
      /no mapping has Sizes, mars, memory/,
    ],
    ['a condition that is not there', { 'Fn::If': ['Nothing', 'a', 'b'] }, /no condition Nothing/],
    ['a condition that depends on itself', { 'Fn::If': ['Circle', 'a', 'b'] }, /condition Circle depends on itself/],
  ])('refuses %s', (_what, value, message) => {
    const attempt = (): unknown => resolve(value);

    expect(attempt).toThrow(message);
  });

  it('refuses names that go round in a circle', () => {
    const resources = { One: bucketNamedAs('Two'), Two: bucketNamedAs('One') };

    const attempt = (): unknown => resolve({ Ref: 'One' }, resources);

    expect(attempt).toThrow(/depends on itself/);
  });

  it('leaves AWS::NoValue out of properties and lists', () => {
    const properties = { BucketName: { Ref: 'AWS::NoValue' }, Tags: ['a', { Ref: 'AWS::NoValue' }, 'b'] };
    const values = { Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: properties } } };

    const [bucket] = resolveTemplate({ path: '', values }, PLACE).ofType('AWS::S3::Bucket');

    expect(bucket?.properties.values).toEqual({ Tags: ['a', 'b'] });
    expect(bucket?.identity.ref).toBe('stack-bucket');
  });
});

function bucketNamedAs(other: string): Json {
  return { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: other } } };
}
