/** The resource types that the runtime runs. The `read-….ts` files read the properties of each. */
export const SUPPORTED_TYPES: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::IntegrationResponse',
  'AWS::ApiGatewayV2::Model',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::Lambda::Version',
  'AWS::Pipes::Pipe',
  'AWS::S3::Bucket',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
]);

const NO_PERMISSIONS = 'rights are those of the functions’ roles: policies of resources are not asked';
const LOGS_TO_TERMINAL = 'logs go to the terminal';
const NOBODY_WATCHES = 'a local run is not monitored';
const NOT_ENCRYPTED = 'local data is not encrypted';
const STACK_NEVER_DELETED = 'acts only when a stack is deployed or deleted';

/** The resource types that are accepted and ignored, each with the reason. */
export const IGNORED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': LOGS_TO_TERMINAL,
  'AWS::ApiGatewayV2::Deployment': 'routes are live as soon as the runtime starts, in each stage that names one',
  'AWS::CDK::Metadata': 'CDK tells AWS which constructs are used',
  'AWS::CloudWatch::Alarm': NOBODY_WATCHES,
  'AWS::CloudWatch::CompositeAlarm': NOBODY_WATCHES,
  'AWS::CloudWatch::Dashboard': NOBODY_WATCHES,
  'AWS::KMS::Alias': NOT_ENCRYPTED,
  'AWS::KMS::Key': NOT_ENCRYPTED,
  'AWS::Lambda::LayerVersionPermission': NO_PERMISSIONS,
  'AWS::Logs::LogGroup': LOGS_TO_TERMINAL,
  'AWS::Logs::MetricFilter': NOBODY_WATCHES,
  'AWS::Logs::QueryDefinition': NOBODY_WATCHES,
  'AWS::Logs::ResourcePolicy': NO_PERMISSIONS,
  'AWS::S3::BucketPolicy': NO_PERMISSIONS,
  'AWS::SNS::TopicPolicy': NO_PERMISSIONS,
  'AWS::SQS::QueuePolicy': NO_PERMISSIONS,
  'Custom::LogRetention': LOGS_TO_TERMINAL,
  'Custom::S3AutoDeleteObjects': STACK_NEVER_DELETED,
};
