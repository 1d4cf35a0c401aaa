import type { PolicyModel } from '../model.ts';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const STREAMS = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'];
const QUEUES = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const TRACES = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:GetSamplingStatisticSummaries',
];

/**
 * The actions of AWS's own managed policies that a Lambda's role may have, on all resources, by their names:
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html. They are AWS's to change.
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  AmazonDynamoDBFullAccess: ['dynamodb:*'],
  AmazonDynamoDBReadOnlyAccess: [
    'dynamodb:BatchGetItem',
    'dynamodb:Describe*',
    'dynamodb:GetItem',
    'dynamodb:GetResourcePolicy',
    'dynamodb:List*',
    'dynamodb:PartiQLSelect',
    'dynamodb:Query',
    'dynamodb:Scan',
  ],
  AmazonAPIGatewayInvokeFullAccess: ['execute-api:Invoke', 'execute-api:ManageConnections'],
  AmazonS3FullAccess: ['s3:*', 's3-object-lambda:*'],
  AmazonS3ReadOnlyAccess: ['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'],
  AmazonSQSFullAccess: ['sqs:*'],
  AWSLambdaBasicExecutionRole: LOGS,
  AWSLambdaDynamoDBExecutionRole: [...STREAMS, ...LOGS],
  'AWSLambdaInvocation-DynamoDB': ['lambda:InvokeFunction', ...STREAMS],
  AWSLambdaRole: ['lambda:InvokeFunction'],
  AWSLambdaSQSQueueExecutionRole: [...QUEUES, ...LOGS],
  AWSLambdaVPCAccessExecutionRole: [...LOGS, ...NETWORK],
  AWSXRayDaemonWriteAccess: TRACES,
  AWSXrayWriteOnlyAccess: TRACES,
  CloudWatchLambdaInsightsExecutionRolePolicy: LOGS,
};

/** Returns a managed policy of AWS by its ARN; undefined for one that is not known here. */
export function awsManagedPolicy(arn: string): PolicyModel | undefined {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const actions = /^arn:[^:]+:iam::aws:policy\//.test(arn) ? ACTIONS[name] : undefined;
  if (actions === undefined) return undefined;
  return {
    name,
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] },
  };
}
