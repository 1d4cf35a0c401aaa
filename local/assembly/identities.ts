import {
  apiId,
  apiPartId,
  arnOf,
  bucketName,
  physicalName,
  type PseudoParameters,
  stableUuid,
} from './physical-names.ts';

/** The return values of one resource: what `Ref` and `Fn::GetAtt` return. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The parts of a resource that determine its names. Properties are resolved only when they are read. */
export interface Named {
  readonly logicalId: string;
  readonly type: string;
  /** Returns a property as a string, if the template sets it. */
  readonly text: (property: string) => string | undefined;
  readonly has: (property: string) => boolean;
}

/**
 * The label in the ARN of every stream. AWS uses the time of creation; a constant keeps the ARN stable between runs.
 */
const STREAM_LABEL = '2026-01-01T00:00:00.000';

/** The number of a function's one version: a local run publishes what it runs. */
const FIRST_VERSION = '1';

/** The maximum length of a function's name. A longer generated name is shortened. */
const FUNCTION_NAME_MAXIMUM_LENGTH = 64;
const QUEUE_NAME_MAXIMUM_LENGTH = 80;
const OTHER_NAME_MAXIMUM_LENGTH = 255;

/** Returns a resource's names and ARN in the form that AWS gives them, and the same on every run. */
export function identify(resource: Named, pseudo: PseudoParameters): Identity {
  const special = IDENTITIES[resource.type];
  if (special !== undefined) return special(resource, pseudo);
  return { ref: genericName(resource, pseudo), attributes: {} };
}

type Identify = (resource: Named, pseudo: PseudoParameters) => Identity;

const IDENTITIES: Readonly<Record<string, Identify>> = {
  'AWS::ApiGatewayV2::Api': identifyApi,
  'AWS::ApiGatewayV2::Authorizer': identifyApiPart('AuthorizerId'),
  'AWS::ApiGatewayV2::Deployment': identifyApiPart('DeploymentId'),
  'AWS::ApiGatewayV2::Integration': identifyApiPart('IntegrationId'),
  'AWS::ApiGatewayV2::IntegrationResponse': identifyApiPart('IntegrationResponseId'),
  'AWS::ApiGatewayV2::Model': identifyApiPart('ModelId'),
  'AWS::ApiGatewayV2::Route': identifyApiPart('RouteId'),
  'AWS::ApiGatewayV2::RouteResponse': identifyApiPart('RouteResponseId'),
  'AWS::ApiGatewayV2::Stage': (stage) => ({ ref: stage.text('StageName') ?? stage.logicalId, attributes: {} }),
  'AWS::CloudWatch::Alarm': (alarm, pseudo) =>
    withArn(named(alarm, pseudo, 'AlarmName'), (name) => arnOf(pseudo, 'cloudwatch', `alarm:${name}`)),
  'AWS::DynamoDB::GlobalTable': identifyTable,
  'AWS::DynamoDB::Table': identifyTable,
  'AWS::IAM::ManagedPolicy': (policy, pseudo) => {
    const name = named(policy, pseudo, 'ManagedPolicyName');
    const arn = `arn:${pseudo.partition}:iam::${pseudo.accountId}:policy/${name}`;
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
  'AWS::IAM::Role': (role, pseudo) =>
    withArn(named(role, pseudo, 'RoleName'), (name) => `arn:${pseudo.partition}:iam::${pseudo.accountId}:role/${name}`),
  'AWS::KMS::Key': (key, pseudo) =>
    withArn(stableUuid(pseudo.stackName, key.logicalId), (id) => arnOf(pseudo, 'kms', `key/${id}`)),
  'AWS::Lambda::Alias': (alias, pseudo) => {
    const arn = `${functionArnOf(alias, pseudo)}:${alias.text('Name') ?? ''}`;
    return { ref: arn, attributes: { AliasArn: arn } };
  },
  'AWS::Lambda::EventSourceMapping': (mapping, pseudo) =>
    withArn(stableUuid(pseudo.stackName, mapping.logicalId), (uuid) =>
      arnOf(pseudo, 'lambda', `event-source-mapping:${uuid}`),
    ),
  'AWS::Lambda::Function': (fn, pseudo) => {
    const name = fn.text('FunctionName') ?? physicalName(pseudo.stackName, fn.logicalId, FUNCTION_NAME_MAXIMUM_LENGTH);
    return withArn(name, () => arnOf(pseudo, 'lambda', `function:${name}`));
  },
  'AWS::Lambda::LayerVersion': (layer, pseudo) => {
    const arn = arnOf(pseudo, 'lambda', `layer:${named(layer, pseudo, 'LayerName')}:${FIRST_VERSION}`);
    return { ref: arn, attributes: { LayerVersionArn: arn } };
  },
  'AWS::Lambda::Url': identifyUrl,
  'AWS::Lambda::Version': (version, pseudo) => {
    const arn = functionArnOf(version, pseudo);
    return {
      ref: `${arn}:${FIRST_VERSION}`,
      attributes: { Version: FIRST_VERSION, FunctionArn: `${arn}:${FIRST_VERSION}` },
    };
  },
  'AWS::Logs::LogGroup': (group, pseudo) =>
    withArn(named(group, pseudo, 'LogGroupName'), (name) => arnOf(pseudo, 'logs', `log-group:${name}:*`)),
  'AWS::Pipes::Pipe': (pipe, pseudo) =>
    withArn(named(pipe, pseudo, 'Name'), (name) => arnOf(pseudo, 'pipes', `pipe/${name}`)),
  'AWS::S3::Bucket': identifyBucket,
  'AWS::SQS::Queue': (queue, pseudo) => {
    const suffix = queue.text('FifoQueue') === 'true' ? '.fifo' : '';
    const generated = physicalName(pseudo.stackName, queue.logicalId, QUEUE_NAME_MAXIMUM_LENGTH - suffix.length);
    const name = queue.text('QueueName') ?? `${generated}${suffix}`;
    const ref = `https://sqs.${pseudo.region}.${pseudo.urlSuffix}/${pseudo.accountId}/${name}`;
    return { ref, attributes: { Arn: arnOf(pseudo, 'sqs', name), QueueName: name, QueueUrl: ref } };
  },
  'AWS::SNS::Topic': (topic, pseudo) => {
    const name = named(topic, pseudo, 'TopicName');
    const arn = arnOf(pseudo, 'sns', name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
};

function identifyApi(api: Named, pseudo: PseudoParameters): Identity {
  const id = apiId(pseudo.stackName, api.logicalId);
  const scheme = api.text('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https';
  const endpoint = `${scheme}://${id}.execute-api.${pseudo.region}.${pseudo.urlSuffix}`;
  return { ref: id, attributes: { ApiEndpoint: endpoint, ApiId: id } };
}

/** Names a function URL. AWS returns the function's ARN as its reference, which a template does not need. */
function identifyUrl(url: Named, pseudo: PseudoParameters): Identity {
  const id = apiId(pseudo.stackName, url.logicalId);
  return { ref: id, attributes: { FunctionUrl: `https://${id}.lambda-url.${pseudo.region}.on.aws/` } };
}

function identifyApiPart(attribute: string): Identify {
  return (part, pseudo) => {
    const id = apiPartId(pseudo.stackName, part.logicalId);
    return { ref: id, attributes: { [attribute]: id } };
  };
}

function identifyTable(table: Named, pseudo: PseudoParameters): Identity {
  const name = named(table, pseudo, 'TableName');
  const arn = arnOf(pseudo, 'dynamodb', `table/${name}`);
  const stream = table.has('StreamSpecification') ? { StreamArn: `${arn}/stream/${STREAM_LABEL}` } : {};
  return { ref: name, attributes: { Arn: arn, TableId: stableUuid(pseudo.stackName, table.logicalId), ...stream } };
}

function identifyBucket(bucket: Named, pseudo: PseudoParameters): Identity {
  const name = bucket.text('BucketName') ?? bucketName(pseudo.stackName, bucket.logicalId);
  return {
    ref: name,
    attributes: {
      Arn: `arn:${pseudo.partition}:s3:::${name}`,
      DomainName: `${name}.s3.${pseudo.urlSuffix}`,
      RegionalDomainName: `${name}.s3.${pseudo.region}.${pseudo.urlSuffix}`,
    },
  };
}

/** Returns the ARN of the function that a version or an alias names by its name or its ARN. */
function functionArnOf(resource: Named, pseudo: PseudoParameters): string {
  const named = resource.text('FunctionName') ?? '';
  return named.startsWith('arn:') ? named : arnOf(pseudo, 'lambda', `function:${named}`);
}

function named(resource: Named, pseudo: PseudoParameters, property: string): string {
  return resource.text(property) ?? genericName(resource, pseudo);
}

function genericName(resource: Named, pseudo: PseudoParameters): string {
  return physicalName(pseudo.stackName, resource.logicalId, OTHER_NAME_MAXIMUM_LENGTH);
}

function withArn(ref: string, arn: (ref: string) => string): Identity {
  return { ref, attributes: { Arn: arn(ref) } };
}
