import { FULL_BATCH } from '../../cli/stats/read-deliveries.ts';
import { synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const BUCKET = 'AWS::S3::Bucket';

/** The parameters that the mappings of broadcast and catch-up have in common. */
const COMMON = {
  StartingPosition: 'TRIM_HORIZON',
  MaximumBatchingWindowInSeconds: 0,
  ParallelizationFactor: 10,
  BisectBatchOnFunctionError: true,
  FunctionResponseTypes: ['ReportBatchItemFailures'],
  MetricsConfig: { Metrics: ['EventCount'] },
  Enabled: true,
};

const MAPPINGS = {
  Broadcast: {
    table: 'Topics',
    parameters: { ...COMMON, BatchSize: FULL_BATCH, MaximumRetryAttempts: 8, MaximumRecordAgeInSeconds: 600 },
    filters: [{ dynamodb: { NewImage: { seq: { N: [{ exists: true }] } } } }],
  },
  CatchUp: {
    table: 'Subscriptions',
    parameters: { ...COMMON, BatchSize: 10, MaximumRetryAttempts: 4, MaximumRecordAgeInSeconds: 300 },
    filters: [{ dynamodb: { NewImage: { request: { S: [{ exists: true }] } } } }],
  },
  Presence: {
    table: 'Subscriptions',
    parameters: {
      ...COMMON,
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      ParallelizationFactor: 1,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 60,
    },
    filters: [
      { eventName: ['INSERT'], dynamodb: { NewImage: { topicShard: { S: [{ exists: true }] } } } },
      { eventName: ['REMOVE'], dynamodb: { OldImage: { topicShard: { S: [{ exists: true }] } } } },
      { dynamodb: { NewImage: { watch: { S: [{ exists: true }] } } } },
      { dynamodb: { NewImage: { owed: { S: [{ exists: true }] } } } },
      { dynamodb: { NewImage: { statedAt: { N: [{ exists: true }] } } } },
    ],
  },
};

describe('the event source mappings', () => {
  it('are three', () => {
    expect([...stack.ofType(MAPPING).keys()].toSorted()).toEqual([
      'Functions/Broadcast/Stream',
      'Functions/CatchUp/Stream',
      'Functions/Presence/Stream',
    ]);
  });

  it.each(Object.entries(MAPPINGS))(
    'to %s has these parameters and no others',
    (id, { table, parameters, filters }) => {
      const mapping = stack.get(MAPPING, `Functions/${id}/Stream`);
      const { EventSourceArn, FunctionName, DestinationConfig, FilterCriteria, ...rest } = mapping.Properties;

      expect(rest).toEqual(parameters);
      expect(stack.read(EventSourceArn)).toBe(`<Tables/${table}.StreamArn>`);
      expect(stack.read(FunctionName)).toBe(`<Functions/${id}/Function>`);
      expect(FilterCriteria).toEqual({ Filters: filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) });
      expect(DestinationConfig).toEqual({
        OnFailure: { Destination: { 'Fn::GetAtt': [stack.get(BUCKET, 'Pipeline/Failures').logicalId, 'Arn'] } },
      });
    },
  );

  it.each(Object.keys(MAPPINGS))('to %s is created after its role may read the stream', (id) => {
    const policy = stack.get('AWS::IAM::Policy', `Functions/${id}/Role/DefaultPolicy`);

    expect(stack.get(MAPPING, `Functions/${id}/Stream`).DependsOn).toContain(policy.logicalId);
  });
});

describe('the failure bucket', () => {
  const bucket = stack.get(BUCKET, 'Pipeline/Failures');

  it('is closed to the public, encrypted by a key that AWS owns, as the tables are, and stays when the stack is deleted', () => {
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    expect(stack.ofType(BUCKET).size).toBe(1);
  });

  it('deletes its objects after 90 days', () => {
    expect(bucket.Properties['LifecycleConfiguration']).toEqual({
      Rules: [{ Status: 'Enabled', ExpirationInDays: 90, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    });
  });

  it('refuses requests without TLS, and its policy grants nothing', () => {
    const { Properties } = stack.get('AWS::S3::BucketPolicy', 'Pipeline/Failures/Policy');

    expect(Properties['PolicyDocument']).toMatchObject({
      Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });
});
