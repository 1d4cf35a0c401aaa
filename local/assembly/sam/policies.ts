import type { Json } from '../../model.ts';
import { at, type Fields, isJsonObject, isList, type JsonObject, unsupported } from '../fields.ts';
import { attempt } from '../pass-over.ts';
import { eventPolicies } from './expand-events.ts';
import type { ServerlessResource } from './serverless-resource.ts';

/** A policy template: its actions, and the resources, in which `${…}` is a parameter of the template. */
interface PolicyTemplate {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

const arn = (service: string, resource: string): string =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;

const TABLE = [arn('dynamodb', 'table/${TableName}'), arn('dynamodb', 'table/${TableName}/index/*')];
const BUCKET = ['arn:${AWS::Partition}:s3:::${BucketName}', 'arn:${AWS::Partition}:s3:::${BucketName}/*'];

const on = (service: string, actions: string, ...resources: readonly string[]): PolicyTemplate => ({
  actions: actions.split(' ').map((action) => `${service}:${action}`),
  resources,
});

/** SAM's policy templates that functions of this kind use: https://docs.aws.amazon.com/serverless-application-model. */
const TEMPLATES: Readonly<Record<string, PolicyTemplate>> = {
  CloudWatchPutMetricPolicy: on('cloudwatch', 'PutMetricData', '*'),
  DynamoDBCrudPolicy: on(
    'dynamodb',
    'GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem',
    ...TABLE,
  ),
  DynamoDBReadPolicy: on('dynamodb', 'GetItem Scan Query BatchGetItem DescribeTable', ...TABLE),
  DynamoDBReconfigurePolicy: on('dynamodb', 'UpdateTable', arn('dynamodb', 'table/${TableName}')),
  DynamoDBStreamReadPolicy: on(
    'dynamodb',
    'DescribeStream GetRecords GetShardIterator ListStreams',
    arn('dynamodb', 'table/${TableName}/stream/${StreamName}'),
  ),
  DynamoDBWritePolicy: on('dynamodb', 'PutItem UpdateItem BatchWriteItem', ...TABLE),
  EventBridgePutEventsPolicy: on('events', 'PutEvents', arn('events', 'event-bus/${EventBusName}')),
  LambdaInvokePolicy: on('lambda', 'InvokeFunction', arn('lambda', 'function:${FunctionName}*')),
  S3CrudPolicy: on(
    's3',
    'GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration PutLifecycleConfiguration DeleteObject',
    ...BUCKET,
  ),
  S3ReadPolicy: on(
    's3',
    'GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration',
    ...BUCKET,
  ),
  S3WritePolicy: on('s3', 'PutObject PutObjectAcl PutLifecycleConfiguration', ...BUCKET),
  AWSSecretsManagerGetSecretValuePolicy: on('secretsmanager', 'GetSecretValue', '${SecretArn}'),
  ComprehendBasicAccessPolicy: on(
    'comprehend',
    'BatchDetectKeyPhrases DetectDominantLanguage DetectEntities BatchDetectEntities DetectKeyPhrases DetectSentiment BatchDetectDominantLanguage BatchDetectSentiment',
    '*',
  ),
  KMSDecryptPolicy: on('kms', 'Decrypt', arn('kms', 'key/${KeyId}')),
  KinesisCrudPolicy: on(
    'kinesis',
    'AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary GetShardIterator IncreaseStreamRetentionPeriod ListTagsForStream MergeShards PutRecord PutRecords SplitShard RemoveTagsFromStream',
    arn('kinesis', 'stream/${StreamName}'),
  ),
  SESCrudPolicy: on(
    'ses',
    'GetIdentityVerificationAttributes SendEmail SendRawEmail VerifyEmailIdentity',
    arn('ses', 'identity/${IdentityName}'),
  ),
  SNSCrudPolicy: on(
    'sns',
    'ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish',
    arn('sns', '${TopicName}*'),
  ),
  SNSPublishMessagePolicy: on('sns', 'Publish', arn('sns', '${TopicName}')),
  SQSPollerPolicy: on(
    'sqs',
    'ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage',
    arn('sqs', '${QueueName}'),
  ),
  SQSSendMessagePolicy: on('sqs', 'SendMessage*', arn('sqs', '${QueueName}')),
  StepFunctionsExecutionPolicy: on('states', 'StartExecution', arn('states', 'stateMachine:${StateMachineName}')),
  TextractPolicy: on('textract', '*', '*'),
  SSMParameterReadPolicy: on(
    'ssm',
    'GetParameters GetParameter GetParametersByPath',
    arn('ssm', 'parameter/${ParameterName}'),
  ),
};

const SERVICE_ROLE = 'arn:aws:iam::aws:policy/service-role/';

/**
 * Returns the policies of a function's role: managed ones, statements, SAM's policy templates, and those that SAM adds
 * for the events and settings of the function.
 */
export function rolePolicies({ properties, logicalId, passOver }: ServerlessResource): JsonObject {
  const { Policies = [] } = properties.values;
  const list = isList(Policies) ? Policies : [Policies];
  const path = at(properties, 'Policies');
  const inline = list.flatMap((policy, index) => attempt(() => inlineOf(policy, `${path}[${index}]`), passOver) ?? []);
  const managed = list.filter(isManaged).map(managedArn);
  const added = ['AWSLambdaBasicExecutionRole', ...settingPolicies(properties), ...eventPolicies(properties)];
  return {
    ManagedPolicyArns: [...added.map((name) => `${SERVICE_ROLE}${name}`), ...managed],
    Policies: inline.map((PolicyDocument, index) => ({ PolicyName: `${logicalId}RolePolicy${index}`, PolicyDocument })),
  };
}

const settingPolicies = ({ values }: Fields): readonly string[] =>
  values['VpcConfig'] === undefined ? [] : ['AWSLambdaVPCAccessExecutionRole'];

/** Returns whether a policy is named by its ARN, its name or a reference, and has no statements of its own. */
function isManaged(policy: Json): boolean {
  if (!isJsonObject(policy)) return true;
  const [name = ''] = Object.keys(policy);
  return policy['Statement'] === undefined && (name === 'Ref' || name.startsWith('Fn::'));
}

function inlineOf(policy: Json, path: string): readonly JsonObject[] {
  if (!isJsonObject(policy) || isManaged(policy)) return [];
  if (policy['Statement'] !== undefined) return [policy];
  const [name = '', parameters] = Object.entries(policy)[0] ?? [];
  const template = TEMPLATES[name];
  if (template === undefined) throw unsupported(path, `the policy template ${name} is not supported`);
  const resources = template.resources.map((resource) => ({
    'Fn::Sub': [resource, isJsonObject(parameters) ? parameters : {}],
  }));
  const Statement = [{ Effect: 'Allow', Action: template.actions, Resource: resources }];
  return [{ Version: '2012-10-17', Statement }];
}

/** Returns the ARN of a managed policy, which SAM also takes by its name. */
function managedArn(policy: Json): Json {
  if (typeof policy !== 'string' || policy.startsWith('arn:')) return policy;
  const path = policy.startsWith('AWSLambda') && policy.endsWith('Role') ? `service-role/${policy}` : policy;
  return `arn:aws:iam::aws:policy/${path}`;
}
