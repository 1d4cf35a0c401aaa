/** Types the runtime carries out. What it needs of each is read by the `read-….ts` files. */
export const SUPPORTED_TYPES: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::S3::Bucket',
]);

const NO_PERMISSIONS = 'everything on this machine runs with the rights of whoever started it';
const LOGS_TO_TERMINAL = 'logs go to the terminal';
const NOBODY_WATCHES = 'nobody watches a local run';
const NOT_ENCRYPTED = 'local data is not encrypted';
const STACK_NEVER_DELETED = 'acts only when a stack is deployed or deleted';

/** Types that are known and do nothing here, each with the reason. */
export const IGNORED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': LOGS_TO_TERMINAL,
  'AWS::ApiGatewayV2::Deployment': 'routes are live as soon as the runtime starts; the stage must name one',
  'AWS::CDK::Metadata': 'CDK tells AWS which constructs are used',
  'AWS::CloudWatch::Alarm': NOBODY_WATCHES,
  'AWS::CloudWatch::CompositeAlarm': NOBODY_WATCHES,
  'AWS::CloudWatch::Dashboard': NOBODY_WATCHES,
  'AWS::IAM::ManagedPolicy': NO_PERMISSIONS,
  'AWS::IAM::Policy': NO_PERMISSIONS,
  'AWS::IAM::Role': NO_PERMISSIONS,
  'AWS::KMS::Alias': NOT_ENCRYPTED,
  'AWS::KMS::Key': NOT_ENCRYPTED,
  'AWS::Logs::LogGroup': LOGS_TO_TERMINAL,
  'AWS::Logs::MetricFilter': NOBODY_WATCHES,
  'AWS::Logs::QueryDefinition': NOBODY_WATCHES,
  'AWS::Logs::ResourcePolicy': NO_PERMISSIONS,
  'AWS::S3::BucketPolicy': NO_PERMISSIONS,
  'AWS::SNS::Subscription': NOBODY_WATCHES,
  'AWS::SNS::Topic': 'carries alarms only: a mapping that gives up to a topic is refused',
  'AWS::SNS::TopicPolicy': NO_PERMISSIONS,
  'Custom::LogRetention': LOGS_TO_TERMINAL,
  'Custom::S3AutoDeleteObjects': STACK_NEVER_DELETED,
};
