import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { CfnApi, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';

/** The resources that acknowledged findings are about. */
export interface FindingResources {
  readonly api: CfnApi;
  readonly stageName: string;
  readonly bucket: CfnBucket;
  readonly routes: readonly CfnRoute[];
  /** Whether `$connect` has an authorizer. */
  readonly isAuthorized: boolean;
  /** Whether the stage logs every access. */
  readonly hasAccessLogs: boolean;
}

/**
 * Acknowledges the findings of cdk-nag that are intended, each with its reason. Any other finding fails the synthesis
 * of an app that has cdk-nag. Nothing outside of the construct is acknowledged. An app without cdk-nag is not affected.
 */
export function acknowledgeFindings(construct: Construct, resources: FindingResources): void {
  const { api, stageName, bucket, routes, isAuthorized } = resources;
  const idOf = (element: CfnElement) => Stack.of(element).getLogicalId(element);
  const acknowledge = (scope: IConstruct, rule: string, reason: string) =>
    Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });

  if (!isAuthorized)
    acknowledge(construct, 'APIG4', 'The setting auth is off; only $connect can have an authorizer at all.');
  for (const route of isAuthorized ? routes.filter(({ routeKey }) => routeKey !== '$connect') : []) {
    acknowledge(route, 'APIG4', 'API Gateway authorizes $connect only; the route checks the principal of its context.');
  }
  if (!resources.hasAccessLogs)
    acknowledge(construct, 'APIG1', 'Access logs need a role in the settings of the account, which they are left to.');
  acknowledge(bucket, 'S1', 'Only operators read it, a few times a year; CloudTrail records that.');
  acknowledge(
    construct,
    `IAM5[Resource::<${idOf(bucket)}.Arn>/aws/lambda/*]`,
    'The keys of failure records begin with the id of the mapping, which is not known before deployment.',
  );
  for (const [method, does] of [
    ['POST', 'posts to'],
    ['DELETE', 'closes'],
  ] as const) {
    acknowledge(
      construct,
      `IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${idOf(api)}>/${stageName}/${method}/@connections/*]`,
      `The ids of connections are not known in advance; the function ${does} any connection of this stage.`,
    );
  }
  acknowledge(
    construct,
    'IAM5[Resource::*]',
    'xray:PutTraceSegments and PutTelemetryRecords take no resource; a test checks that nothing else is granted on *.',
  );
  acknowledge(
    construct,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    'The policy that AWS documents for this one setting.',
  );
}
