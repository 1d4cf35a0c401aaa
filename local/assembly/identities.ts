import { apiId, apiPartId, bucketName, physicalName, stableUuid } from './physical-names.ts';
import { arnOf, type Place } from './place.ts';

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

/** The maximum length of a function's name. A longer generated name is shortened. */
const FUNCTION_NAME_MAXIMUM_LENGTH = 64;
const OTHER_NAME_MAXIMUM_LENGTH = 255;

/** Returns a resource's names and ARN in the form that AWS gives them, and the same on every run. */
export function identify(resource: Named, place: Place): Identity {
  const special = IDENTITIES[resource.type];
  if (special !== undefined) return special(resource, place);
  return { ref: genericName(resource, place), attributes: {} };
}

type Identify = (resource: Named, place: Place) => Identity;

const IDENTITIES: Readonly<Record<string, Identify>> = {
  'AWS::ApiGatewayV2::Api': identifyApi,
  'AWS::ApiGatewayV2::Authorizer': identifyApiPart('AuthorizerId'),
  'AWS::ApiGatewayV2::Deployment': identifyApiPart('DeploymentId'),
  'AWS::ApiGatewayV2::Integration': identifyApiPart('IntegrationId'),
  'AWS::ApiGatewayV2::Route': identifyApiPart('RouteId'),
  'AWS::ApiGatewayV2::RouteResponse': identifyApiPart('RouteResponseId'),
  'AWS::ApiGatewayV2::Stage': (stage) => ({ ref: stage.text('StageName') ?? stage.logicalId, attributes: {} }),
  'AWS::CloudWatch::Alarm': (alarm, place) =>
    withArn(named(alarm, place, 'AlarmName'), (name) => arnOf(place, 'cloudwatch', `alarm:${name}`)),
  'AWS::DynamoDB::GlobalTable': identifyTable,
  'AWS::DynamoDB::Table': identifyTable,
  'AWS::IAM::ManagedPolicy': (policy, place) => {
    const name = named(policy, place, 'ManagedPolicyName');
    const arn = `arn:${place.partition}:iam::${place.accountId}:policy/${name}`;
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
  'AWS::IAM::Role': (role, place) =>
    withArn(named(role, place, 'RoleName'), (name) => `arn:${place.partition}:iam::${place.accountId}:role/${name}`),
  'AWS::KMS::Key': (key, place) =>
    withArn(stableUuid(place.stackName, key.logicalId), (id) => arnOf(place, 'kms', `key/${id}`)),
  'AWS::Lambda::EventSourceMapping': (mapping, place) =>
    withArn(stableUuid(place.stackName, mapping.logicalId), (uuid) =>
      arnOf(place, 'lambda', `event-source-mapping:${uuid}`),
    ),
  'AWS::Lambda::Function': (fn, place) => {
    const name = fn.text('FunctionName') ?? physicalName(place.stackName, fn.logicalId, FUNCTION_NAME_MAXIMUM_LENGTH);
    return withArn(name, () => arnOf(place, 'lambda', `function:${name}`));
  },
  'AWS::Logs::LogGroup': (group, place) =>
    withArn(named(group, place, 'LogGroupName'), (name) => arnOf(place, 'logs', `log-group:${name}:*`)),
  'AWS::S3::Bucket': identifyBucket,
  'AWS::SNS::Topic': (topic, place) => {
    const name = named(topic, place, 'TopicName');
    const arn = arnOf(place, 'sns', name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
};

function identifyApi(api: Named, place: Place): Identity {
  const id = apiId(place.stackName, api.logicalId);
  const scheme = api.text('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https';
  const endpoint = `${scheme}://${id}.execute-api.${place.region}.${place.urlSuffix}`;
  return { ref: id, attributes: { ApiEndpoint: endpoint, ApiId: id } };
}

function identifyApiPart(attribute: string): Identify {
  return (part, place) => {
    const id = apiPartId(place.stackName, part.logicalId);
    return { ref: id, attributes: { [attribute]: id } };
  };
}

function identifyTable(table: Named, place: Place): Identity {
  const name = named(table, place, 'TableName');
  const arn = arnOf(place, 'dynamodb', `table/${name}`);
  const stream = table.has('StreamSpecification') ? { StreamArn: `${arn}/stream/${STREAM_LABEL}` } : {};
  return { ref: name, attributes: { Arn: arn, TableId: stableUuid(place.stackName, table.logicalId), ...stream } };
}

function identifyBucket(bucket: Named, place: Place): Identity {
  const name = bucket.text('BucketName') ?? bucketName(place.stackName, bucket.logicalId);
  return {
    ref: name,
    attributes: {
      Arn: `arn:${place.partition}:s3:::${name}`,
      DomainName: `${name}.s3.${place.urlSuffix}`,
      RegionalDomainName: `${name}.s3.${place.region}.${place.urlSuffix}`,
    },
  };
}

function named(resource: Named, place: Place, property: string): string {
  return resource.text(property) ?? genericName(resource, place);
}

function genericName(resource: Named, place: Place): string {
  return physicalName(place.stackName, resource.logicalId, OTHER_NAME_MAXIMUM_LENGTH);
}

function withArn(ref: string, arn: (ref: string) => string): Identity {
  return { ref, attributes: { Arn: arn(ref) } };
}
