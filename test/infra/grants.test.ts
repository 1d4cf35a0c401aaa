import { type NamedResource, synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();

const TOPICS = '<Tables/Topics.Arn>';
const MESSAGES = '<Tables/Messages.Arn>';
const KEYS = '<Tables/Keys.Arn>';
const SUBSCRIPTIONS = '<Tables/Subscriptions.Arn>';
const BY_TOPIC = `${SUBSCRIPTIONS}/index/byTopic`;
const FAILURES = '<Pipeline/Failures.Arn>';
const CONNECTIONS =
  'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocket/Api>/live/POST/@connections/*';
const CLOSINGS = CONNECTIONS.replace('/POST/', '/DELETE/');

/** By this a route counts a connection that is near a rate limit. */
const COUNTS_RATES = `dynamodb:UpdateItem@${KEYS}`;

/** By this a route records that a connection floods. */
const ENDS_FLOODS = `dynamodb:PutItem@${SUBSCRIPTIONS}`;

const PUBLISHES = [`dynamodb:UpdateItem@${TOPICS}`, `dynamodb:PutItem@${KEYS}`, COUNTS_RATES, ENDS_FLOODS];

const readsStream = (stream: string) => [
  `dynamodb:DescribeStream@${stream}`,
  `dynamodb:GetRecords@${stream}`,
  `dynamodb:GetShardIterator@${stream}`,
  `dynamodb:ListStreams@${stream}`,
  `s3:PutObject@${FAILURES}/aws/lambda/*`,
  `s3:ListBucket@${FAILURES}`,
];

const TRACES = ['xray:PutTraceSegments@*', 'xray:PutTelemetryRecords@*'];

/** The grants of each function, besides writing to its own log group and tracing. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  Connect: [`dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`, `dynamodb:UpdateItem@${SUBSCRIPTIONS}`],
  Disconnect: [`dynamodb:Query@${SUBSCRIPTIONS}`, `dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`],
  Subscribe: [
    COUNTS_RATES,
    `dynamodb:PutItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
    `dynamodb:DeleteItem@${SUBSCRIPTIONS}`,
  ],
  Unsubscribe: [
    COUNTS_RATES,
    ENDS_FLOODS,
    `dynamodb:DeleteItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
  ],
  Ping: [COUNTS_RATES, ENDS_FLOODS],
  SetPresence: [COUNTS_RATES, ENDS_FLOODS, `dynamodb:UpdateItem@${SUBSCRIPTIONS}`],
  Publish: PUBLISHES,
  Plus: PUBLISHES,
  Minus: PUBLISHES,
  OnMessage: PUBLISHES,
  Default: [...PUBLISHES, `dynamodb:UpdateItem@${SUBSCRIPTIONS}`, `dynamodb:DeleteItem@${SUBSCRIPTIONS}`],
  Broadcast: [
    ...readsStream('<Tables/Topics.StreamArn>'),
    `dynamodb:BatchWriteItem@${MESSAGES}`,
    `dynamodb:Query@${BY_TOPIC}`,
    `dynamodb:Query@${SUBSCRIPTIONS}`,
    `dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
    `dynamodb:PutItem@${SUBSCRIPTIONS}`,
    `dynamodb:GetItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${TOPICS}`,
    'lambda:InvokeFunction@<Functions/ShardWorker/Function.Arn>',
    `execute-api:ManageConnections@${CONNECTIONS}`,
  ],
  ShardWorker: [
    `dynamodb:Query@${BY_TOPIC}`,
    `dynamodb:Query@${SUBSCRIPTIONS}`,
    `dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
    `dynamodb:PutItem@${SUBSCRIPTIONS}`,
    `execute-api:ManageConnections@${CONNECTIONS}`,
  ],
  Presence: [
    ...readsStream('<Tables/Subscriptions.StreamArn>'),
    `dynamodb:GetItem@${TOPICS}`,
    `dynamodb:Query@${MESSAGES}`,
    `dynamodb:Query@${BY_TOPIC}`,
    `dynamodb:Query@${SUBSCRIPTIONS}`,
    `dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
    `dynamodb:GetItem@${SUBSCRIPTIONS}`,
    `dynamodb:BatchGetItem@${SUBSCRIPTIONS}`,
    `dynamodb:PutItem@${SUBSCRIPTIONS}`,
    `dynamodb:DeleteItem@${SUBSCRIPTIONS}`,
    `execute-api:ManageConnections@${CONNECTIONS}`,
  ],
  CatchUp: [
    ...readsStream('<Tables/Subscriptions.StreamArn>'),
    `dynamodb:BatchGetItem@${TOPICS}`,
    `dynamodb:Query@${MESSAGES}`,
    `dynamodb:Query@${BY_TOPIC}`,
    `dynamodb:GetItem@${SUBSCRIPTIONS}`,
    `dynamodb:Query@${SUBSCRIPTIONS}`,
    `dynamodb:BatchWriteItem@${SUBSCRIPTIONS}`,
    `dynamodb:UpdateItem@${SUBSCRIPTIONS}`,
    `execute-api:ManageConnections@${CONNECTIONS}`,
    `execute-api:ManageConnections@${CLOSINGS}`,
  ],
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const policies = [...stack.ofType('AWS::IAM::Policy').values()];

function statementsOf(policy: NamedResource): readonly Statement[] {
  const { Statement }: { Statement: readonly Statement[] } = JSON.parse(
    JSON.stringify(policy.Properties['PolicyDocument']),
  );
  return Statement;
}

/** Returns `action@resource` for each action that the policies of a role allow. */
function grantsOf(role: NamedResource): string[] {
  const attached = policies.filter(({ Properties }) =>
    JSON.stringify(Properties['Roles']).includes(`{"Ref":"${role.logicalId}"}`),
  );
  return attached.flatMap(statementsOf).flatMap(({ Action, Resource }) => {
    const resources: readonly unknown[] = Array.isArray(Resource) ? Resource : [Resource];
    return [Action].flat().flatMap((action) => resources.map((resource) => `${action}@${stack.read(resource)}`));
  });
}

describe('the grants', () => {
  it.each(Object.entries(GRANTS))('of %s are these and no other', (id, grants) => {
    const logs = `<Functions/${id}/Logs.Arn>`;
    const expected = [...grants, ...TRACES, `logs:CreateLogStream@${logs}`, `logs:PutLogEvents@${logs}`];

    const actual = grantsOf(stack.get('AWS::IAM::Role', `Functions/${id}/Role`));

    expect(actual.toSorted()).toEqual(expected.toSorted());
  });

  it('are in this table for every function', () => {
    const roles = [...stack.ofType('AWS::Lambda::Function').values()].map(({ Properties }) =>
      stack.read(Properties['Role']),
    );

    expect(roles.toSorted()).toEqual(
      Object.keys(GRANTS)
        .map((id) => `<Functions/${id}/Role.Arn>`)
        .toSorted(),
    );
  });

  it('allow, never deny or condition, and name no action by a wildcard', () => {
    const statements = policies.flatMap(statementsOf);

    expect(statements.filter(({ Effect, Condition }) => Effect !== 'Allow' || Condition !== undefined)).toEqual([]);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('name a resource by a wildcard only for connections, failure records and traces', () => {
    const wild = Object.keys(GRANTS).flatMap((id) =>
      grantsOf(stack.get('AWS::IAM::Role', `Functions/${id}/Role`)).filter((grant) => grant.includes('*')),
    );

    const posts = `execute-api:ManageConnections@${CONNECTIONS}`;
    const closings = `execute-api:ManageConnections@${CLOSINGS}`;
    const allowed = [posts, closings, `s3:PutObject@${FAILURES}/aws/lambda/*`, ...TRACES];
    expect([...new Set(wild)].toSorted()).toEqual(allowed.toSorted());
  });

  it.each(Object.keys(GRANTS))(
    'of %s come from no managed or inline policy, and only Lambda can assume its role',
    (id) => {
      const { Properties } = stack.get('AWS::IAM::Role', `Functions/${id}/Role`);

      expect(Properties).toEqual({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      });
    },
  );

  it('go to functions only: every role except API Gateway’s is a function’s', () => {
    const roles = [...stack.ofType('AWS::IAM::Role').keys()].filter((name) => !name.startsWith('Functions/'));

    expect(roles).toEqual(['ApiGatewayLogging/Role']);
    expect(stack.ofType('AWS::IAM::ManagedPolicy').size).toBe(0);
  });
});
