/** The advice for what functions reach by calls alone. */
const CALLS_FAIL = 'a call of a function to it fails, with a line that names the service';

/**
 * The kinds of resources that begin nothing by themselves: a start names them, and the rest runs as if they were there.
 * By type, or by the start of several types.
 */
const NAMED: readonly (readonly [start: string, what: string])[] = [
  ['AWS::ApiGateway::ApiKey', 'no key is asked for, and no plan counts'],
  ['AWS::ApiGateway::UsagePlan', 'no key is asked for, and no plan counts'],
  ['AWS::ApiGatewayV2::ApiMapping', 'an API has its port here, and no domain of yours'],
  ['AWS::ApiGatewayV2::DomainName', 'an API has its port here, and no domain of yours'],
  ['AWS::CertificateManager::', 'an API has its port here, and no domain of yours'],
  ['AWS::CloudFront::', 'nothing stands in front of an API here'],
  ['AWS::Cognito::', 'users are not kept here: a function that verifies their tokens finds no keys'],
  ['AWS::EC2::', 'functions run on this machine, in no network of yours'],
  ['AWS::Events::EventBus', CALLS_FAIL],
  ['AWS::IAM::AccessKey', 'functions sign by the keys of their roles, and tools by any'],
  ['AWS::IAM::Group', 'functions sign by the keys of their roles, and tools by any'],
  ['AWS::IAM::User', 'functions sign by the keys of their roles, and tools by any'],
  ['AWS::IoT::', CALLS_FAIL],
  ['AWS::Route53::', 'an API has its port here, and no domain of yours'],
  ['AWS::SSM::Parameter', CALLS_FAIL],
  ['AWS::SecretsManager::', CALLS_FAIL],
  ['AWS::WAFv2::', 'nothing stands in front of an API here'],
];

/** The types among them that begin something by themselves: servers, and what calls functions. */
const BEGINNING: ReadonlySet<string> = new Set([
  'AWS::EC2::EC2Fleet',
  'AWS::EC2::Instance',
  'AWS::EC2::SpotFleet',
  'AWS::IoT::TopicRule',
  'AWS::SecretsManager::RotationSchedule',
]);

/** Returns what a start says of a kind of resource that is not here; undefined for any other kind. */
export const whatIsNamed = (type: string): string | undefined =>
  BEGINNING.has(type)
    ? undefined
    : NAMED.find(([start]) =>
        start.endsWith('::') ? type.startsWith(start) : type === start || isPart(type, start),
      )?.[1];

/** Whether a type is a part of another one: `UsagePlanKey` of `UsagePlan`. */
const isPart = (type: string, start: string): boolean => start.endsWith('UsagePlan') && type === `${start}Key`;

/** A resource that a start names. */
export interface NamedResource {
  readonly logicalId: string;
  readonly type: string;
}

/** Returns one line for all resources of which there is the same to say. */
export function linesOfNamed(resources: readonly NamedResource[]): readonly string[] {
  const byText = Map.groupBy(resources, ({ type }) => whatIsNamed(type) ?? '');
  byText.delete('');
  return [...byText].map(([text, named]) => `not here: ${named.map(({ logicalId }) => logicalId).join(', ')}: ${text}`);
}
