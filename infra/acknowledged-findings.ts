import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { CfnApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

export interface Acknowledged {
  readonly api: CfnApi;
  readonly stageName: string;
  readonly bucket: CfnBucket;
}

/** Findings of cdk-nag that are as they should be, each with the reason. Any other one ends the synthesis. */
export function acknowledgeFindings(stack: Stack, { api, stageName, bucket }: Acknowledged): void {
  const idOf = (element: CfnElement) => Stack.of(element).getLogicalId(element);
  const acknowledge = (scope: IConstruct, rule: string, reason: string) =>
    Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });

  acknowledge(stack, 'APIG4', 'Open by design as yet; a route but $connect cannot have an authorizer at all.');
  acknowledge(bucket, 'S1', 'Operators alone read it, a few times a year; CloudTrail tells of that.');
  acknowledge(
    stack,
    `IAM5[Resource::<${idOf(bucket)}.Arn>/aws/lambda/*]`,
    'The keys of failure records begin with the mapping, whose id is not known before it is made.',
  );
  acknowledge(
    stack,
    `IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${idOf(api)}>/${stageName}/POST/@connections/*]`,
    'Connections have ids of their own; to post to any of this stage is the task.',
  );
  acknowledge(
    stack,
    'IAM5[Resource::*]',
    'xray:PutTraceSegments and PutTelemetryRecords know no resource; a test holds that nothing else is granted on *.',
  );
  acknowledge(
    stack,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    'The policy that AWS documents for this one setting.',
  );
}
