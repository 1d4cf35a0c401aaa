import { createAccessControl } from '../../../../local/iam/access-control.ts';
import type {
  ApplicationModel,
  FunctionModel,
  Json,
  PolicyModel,
  RoleModel,
  TableModel,
} from '../../../../local/model.ts';

const ACCOUNT = '000000000000';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/writer`;
const TABLE_ARN = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/orders`;

const TABLE: TableModel = {
  logicalId: 'Orders',
  name: 'orders',
  arn: TABLE_ARN,
  definition: {
    attributes: [{ name: 'customer', type: 'S' }],
    keys: [{ name: 'customer', type: 'HASH' }],
    indexes: [{ name: 'byDay', keys: [{ name: 'day', type: 'HASH' }], projection: 'ALL', nonKeyAttributes: [] }],
  },
};

const FUNCTION: FunctionModel = {
  logicalId: 'Writer',
  name: 'writer-function',
  arn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:writer-function`,
  codeDirectory: '/',
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  memoryMb: 128,
  timeoutSeconds: 3,
  environment: {},
  logGroupName: '/aws/lambda/writer-function',
  roleArn: ROLE_ARN,
};

const policy = (...Statement: Json[]): PolicyModel => ({ name: 'p', document: { Version: '2012-10-17', Statement } });
const allow = (Action: Json, Resource: Json, Condition?: Json): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/** An application of one function, one table and one role. */
function applicationOf(role: Partial<RoleModel>): ApplicationModel {
  const complete = {
    name: 'writer',
    arn: ROLE_ARN,
    policies: [],
    managedPolicyArns: [],
    trustedServices: ['lambda.amazonaws.com'],
    ...role,
  };
  return {
    region: 'us-east-1',
    accountId: ACCOUNT,
    tables: [TABLE],
    functions: [FUNCTION],
    roles: [complete],
    mappings: [],
    buckets: [],
    queues: [],
    queueMappings: [],
    topics: [],
    pipes: [],
    webSocketApis: [],
    functionUrls: [],
    outputs: {},
  };
}

interface Call {
  readonly operation: string;
  readonly input: object;
  readonly accessKeyId?: string;
  readonly region?: string;
}

/** Calls DynamoDB as the function of an application. Returns what the service refuses with. */
async function call(role: Partial<RoleModel>, { operation, input, accessKeyId, region = 'us-east-1' }: Call) {
  const warnings: string[] = [];
  const access = createAccessControl(applicationOf(role), { warn: (line) => void warnings.push(line) });
  const key = accessKeyId ?? access.credentialsOf(FUNCTION.arn)?.accessKeyId;
  const answer = await access.guardDynamodb({
    bytes: Buffer.alloc(0),
    body: Buffer.from(JSON.stringify(input)),
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261129/${region}/dynamodb/aws4_request, SignedHeaders=host`,
    target: `DynamoDB_20120810.${operation}`,
  });
  const refusal = answer === undefined ? undefined : JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
  return { refused: refusal?.Message ?? refusal?.message, warnings };
}

const GET = { operation: 'GetItem', input: { TableName: 'orders', Key: { customer: { S: 'ann' } } } };

describe('a function’s call of DynamoDB', () => {
  it('is refused to a role without policies', async () => {
    const { refused } = await call({}, GET);

    expect(refused).toBe(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/writer/writer-function is not authorized to perform: dynamodb:GetItem on resource: ${TABLE_ARN} because no identity-based policy allows the dynamodb:GetItem action`,
    );
  });

  it('is refused to a role that is passed over, and the refusal says so', async () => {
    const { refused } = await call({ isUnread: true }, GET);

    expect(refused).toMatch(/allows the dynamodb:GetItem action \(the local runtime passes its role over\)$/);
  });

  it('is refused by a denial, whatever else is allowed', async () => {
    const denied = policy(allow('dynamodb:*', '*'), { Effect: 'Deny', Action: 'dynamodb:Get*', Resource: TABLE_ARN });
    const { refused } = await call({ policies: [denied] }, GET);

    expect(refused).toMatch(/dynamodb:GetItem on resource: .* with an explicit deny in an identity-based policy$/);
  });

  it('is refused outside of the permissions boundary', async () => {
    const boundary = { arn: 'arn:aws:iam::1:policy/b', policy: policy(allow('s3:*', '*')) };
    const { refused } = await call({ policies: [policy(allow('dynamodb:*', '*'))], boundary }, GET);

    expect(refused).toMatch(/because no permissions boundary allows the dynamodb:GetItem action$/);
  });

  it('is refused when its policies cannot be judged, and the terminal says why', async () => {
    const malformed = policy({ Effect: 'Allow', Action: 'dynamodb:GetItem', Ressource: '*' });
    const { refused, warnings } = await call({ policies: [malformed] }, GET);

    expect(refused).toMatch(/is not authorized/);
    expect(warnings.join()).toMatch(/could not be judged/);
  });

  it('is refused for an operation that DynamoDB does not have', async () => {
    const { refused } = await call({ policies: [policy(allow('dynamodb:*', '*'))] }, { ...GET, operation: 'TakeItem' });

    expect(refused).toMatch(/not authorized to perform: dynamodb:TakeItem/);
  });

  it('passes by a managed policy of AWS', async () => {
    const managedPolicyArns = ['arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'];

    expect((await call({ managedPolicyArns }, GET)).refused).toBeUndefined();
    expect((await call({ managedPolicyArns }, { ...GET, operation: 'PutItem' })).refused).toMatch(/dynamodb:PutItem/);
  });

  it('names a managed policy of AWS that is not known here', async () => {
    const { warnings } = await call({ managedPolicyArns: ['arn:aws:iam::aws:policy/Unheard'] }, GET);

    expect(warnings[0]).toBe(
      'writer: the policy arn:aws:iam::aws:policy/Unheard is not known here, so it grants nothing',
    );
  });

  describe('with a policy for leading keys', () => {
    const condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ann'] } };
    const policies = [policy(allow('dynamodb:*', [TABLE_ARN, `${TABLE_ARN}/index/*`], condition))];
    const query = (value: string) => ({
      TableName: 'orders',
      KeyConditionExpression: '#c = :c AND #t > :t',
      ExpressionAttributeNames: { '#c': 'customer', '#t': 'time' },
      ExpressionAttributeValues: { ':c': { S: value }, ':t': { N: '1' } },
    });
    const put = (...customers: string[]) => ({
      RequestItems: { orders: customers.map((name) => ({ PutRequest: { Item: { customer: { S: name } } } })) },
    });
    const transaction = (name: string) => ({
      TransactItems: [{ Update: { TableName: 'orders', Key: { customer: { S: name } } } }],
    });

    it.each([
      ['GetItem', GET.input, { TableName: 'orders', Key: { customer: { S: 'bob' } } }],
      ['Query', query('ann'), query('bob')],
      ['BatchWriteItem', put('ann'), put('ann', 'bob')],
      ['TransactWriteItems', transaction('ann'), transaction('bob')],
      [
        'Query',
        { TableName: 'orders', IndexName: 'byDay', KeyConditions: { day: { AttributeValueList: [{ S: 'ann' }] } } },
        { TableName: 'orders', IndexName: 'byDay', KeyConditions: { day: { AttributeValueList: [{ S: 'bob' }] } } },
      ],
    ])('%s of another key is refused', async (operation, own, others) => {
      expect((await call({ policies }, { operation, input: own })).refused).toBeUndefined();
      expect((await call({ policies }, { operation, input: others })).refused).toMatch(/is not authorized to perform/);
    });
  });

  it.each([
    ['of another region', { region: 'eu-west-1' }, "Credential should be scoped to a valid region, not 'eu-west-1'. "],
    [
      'by a key of nobody',
      { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      'The security token included in the request is invalid.',
    ],
    ['by the key of a tool', { accessKeyId: 'local' }, 'The security token included in the request is invalid.'],
  ])('is refused with a signature %s', async (_name, signed, words) => {
    const { refused } = await call({ policies: [policy(allow('dynamodb:*', '*'))] }, { ...GET, ...signed });

    expect(refused).toBe(words);
  });
});

describe('the access control of an application', () => {
  it('refuses a role that Lambda may not take on', () => {
    expect(() =>
      createAccessControl(applicationOf({ trustedServices: ['apigateway.amazonaws.com'] }), { warn: () => undefined }),
    ).toThrow('Writer: The role defined for the function cannot be assumed by Lambda.');
  });

  it('judges nothing of a function whose role is elsewhere, and says so', async () => {
    const { refused, warnings } = await call({ arn: 'arn:aws:iam::1:role/other' }, GET);

    expect(refused).toBeUndefined();
    expect(warnings[0]).toMatch(/writer-function: its role is not in the template/);
  });
});
