import { constructStack } from './synthesized-construct.ts';

const shop = constructStack('Shop');
const MAPPING = 'AWS::Lambda::EventSourceMapping';

const mappings = [...shop.ofType(MAPPING).values()].filter(({ name }) => name.includes('TopicsFrom'));
const mappingOf = (source: string) => mappings.find(({ name }) => name.includes(`TopicsFrom${source}`))?.Properties;

const refusal = (name: string): unknown => shop.outputs[`Refusal${name}`]?.Value;

/** Returns what a source's role may do, as `action@resource`. */
function grantsOf(source: string): readonly string[] {
  const policies = [...shop.ofType('AWS::IAM::Policy').values()].filter(({ name }) => name.includes(source));
  return policies.flatMap(({ Properties }) => {
    const document: { Statement: { Action: string | string[]; Resource: unknown }[] } = JSON.parse(
      JSON.stringify(Properties['PolicyDocument']),
    );
    return document.Statement.flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action}@${JSON.stringify(Resource)}`),
    );
  });
}

describe('a source of topics', () => {
  it('has a mapping on the stream of its table, whatever kind of table it is', () => {
    expect(mappings).toHaveLength(3);
    expect(JSON.stringify(mappingOf('Orders'))).toContain('StreamArn');
    expect(mappingOf('News')?.['EventSourceArn']).toBe(
      'arn:aws:dynamodb:eu-west-1:111122223333:table/imported/stream/2026-01-01T00:00:00.000',
    );
  });

  it('retries from the first record that failed for as long as the stream keeps records', () => {
    expect(mappingOf('Orders')).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 86_400,
    });
  });

  it('publishes ten batches at once, one where all records write to one topic, or as many as it says', () => {
    const factors = ['Orders', 'Sessions', 'News'].map((source) => mappingOf(source)?.['ParallelizationFactor']);

    expect(factors).toEqual([10, 1, 2]);
  });

  it('has the mapping leave out what it does not ask for', () => {
    const patterns = JSON.stringify(mappingOf('Orders')?.['FilterCriteria']);

    expect(patterns).toContain('INSERT');
    expect(patterns).toContain('paid');
    expect(patterns).not.toContain('REMOVE');
  });

  it('may read its stream, write topics and keys, and keep records; it may read no table', () => {
    const actions = [...new Set(grantsOf('TopicsFromOrders').map((grant) => grant.split('@')[0] ?? ''))];

    expect(actions.toSorted()).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      // For the mapping, which writes what it gives up: the policy that CDK makes for a bucket.
      's3:ListBucket',
      's3:PutObject',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('is refused at synthesis when the table or the source cannot do it, with what to do', () => {
    expect(refusal('NoStream')).toMatch(/has no stream\. Give the table a stream with NEW_IMAGE or NEW_AND_OLD_IMAGES/);
    expect(refusal('NoOldImage')).toMatch(/has NEW_IMAGE, which lacks a deleted item\. Give .* NEW_AND_OLD_IMAGES/);
    expect(refusal('CounterTopic')).toMatch(/counter/);
    expect(refusal('ManyBatches')).toMatch(/concurrency must be a whole number from 1 to 10/);
    expect(refusal('ManyAttributes')).toMatch(/project/);
  });

  it('has alarms of its own, and shares the one on records that cannot be published', () => {
    const alarms = [...shop.ofType('AWS::CloudWatch::Alarm').values()].map(({ name }) => name);

    expect(alarms.filter((name) => name.includes('Unpublishable'))).toHaveLength(1);
    expect(alarms.filter((name) => /TopicsFromOrders(Late|NotRead|GivenUp|Lost|Errors)/.test(name))).toHaveLength(5);
  });
});
