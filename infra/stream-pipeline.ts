import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  type EventSourceMappingProps,
  FilterCriteria,
  FilterRule,
  type IEventSourceDlq,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { BY_TOPIC, SUBSCRIPTIONS } from '../shared/store/schema.ts';
import type { Functions } from './functions.ts';
import type { HandlerFunction } from './handler-function.ts';
import type { Tables } from './tables.ts';

/** How long a batch that was given up waits for an operator. */
const FAILURE_RETENTION = Duration.days(90);

/**
 * Lambda's defaults retry a bad record for a day and hold up its shard meanwhile: every parameter is set here on purpose.
 * Lanes: 10, the most there are; order holds per item, and a topic is one item. Window 0: nothing waits. Bisecting finds
 * the one bad record; partial answers keep what was done before it.
 */
const COMMON = {
  startingPosition: StartingPosition.TRIM_HORIZON,
  maxBatchingWindow: Duration.seconds(0),
  parallelizationFactor: 10,
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
  enabled: true,
} as const;

/**
 * A message that could not be broadcast for so long is for an operator to replay: its subscribers have caught up since. The
 * batch is what has gathered while the last one was delivered; so large, since the changes of a counter in one batch cost one
 * post each subscriber: at the pace of the counters (60 ms) that is over 8,000 changes a second, and the thousand writes a
 * second that one item takes at most still fit where a delivery takes half a second.
 */
const BROADCAST = { ...COMMON, batchSize: 500, retryAttempts: 8, maxRecordAge: Duration.minutes(10) } as const;

/**
 * A client that was not caught up within minutes has asked again, or is gone. Small batches: one that has to wait holds up
 * few others.
 */
const CATCH_UP = { ...COMMON, batchSize: 10, retryAttempts: 4, maxRecordAge: Duration.minutes(5) } as const;

/**
 * Who came and who left is gathered for a second, and told by one batch of a shard at a time, so that counts come in order. It
 * is stale within a minute: the next change, or the next subscribe, tells it anew.
 */
const PRESENCE = {
  ...COMMON,
  maxBatchingWindow: Duration.seconds(1),
  parallelizationFactor: 1,
  batchSize: 1_000,
  retryAttempts: 2,
  maxRecordAge: Duration.minutes(1),
} as const;

export type StreamMappings = Readonly<Record<'Broadcast' | 'CatchUp' | 'Presence', EventSourceMapping>>;

export interface StreamPipelineProps {
  readonly tables: Tables;
  readonly functions: Functions;
}

/** From the two streams to the three stream Lambdas; what is given up goes, whole, to a bucket. */
export class StreamPipeline extends Construct {
  readonly failures: Bucket;
  readonly bucket: CfnBucket;
  readonly mappings: StreamMappings;

  constructor(scope: Construct, id: string, { tables, functions }: StreamPipelineProps) {
    super(scope, id);
    this.failures = new Bucket(this, 'Failures', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: FAILURE_RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket = getCfnBucket(this.failures);
    this.mappings = {
      Broadcast: this.#map(tables.topics, functions.get('Broadcast'), {
        ...BROADCAST,
        // Only a change of a topic has a seq; a deletion has no new image.
        filters: [hasNew('seq', 'N')],
      }),
      CatchUp: this.#map(tables.subscriptions, functions.get('CatchUp'), {
        ...CATCH_UP,
        filters: [hasNew(SUBSCRIPTIONS.request, 'S')],
      }),
      Presence: this.#map(tables.subscriptions, functions.get('Presence'), {
        ...PRESENCE,
        filters: [cameToBe(), ended(), hasNew(SUBSCRIPTIONS.watch, 'S')],
      }),
    };
  }

  #map(table: TableV2, target: HandlerFunction, parameters: MappingParameters): EventSourceMapping {
    if (table.tableStreamArn === undefined) throw new Error(`${table.node.path} has no stream.`);
    target.allow(READ_STREAM, [table.tableStreamArn]);
    target.allow(['s3:PutObject'], [this.failures.arnForObjects('aws/lambda/*')]);
    target.allow(['s3:ListBucket'], [this.failures.bucketArn]);
    const mapping = new EventSourceMapping(target, 'Stream', {
      ...parameters,
      target: target.function,
      eventSourceArn: table.tableStreamArn,
      onFailure: this.#destination(),
      // How many records were polled and given up: Lambda counts them, but only when it is asked to.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    mapping.node.addDependency(target.role);
    return mapping;
  }

  /** The library's own S3 destination would grant reading and deleting as well. */
  #destination(): IEventSourceDlq {
    return { bind: () => ({ destination: this.failures.bucketArn }) };
  }
}

const READ_STREAM = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
] as const;

type MappingParameters = Omit<EventSourceMappingProps, 'target' | 'eventSourceArn' | 'onFailure'>;

type FilterPattern = ReturnType<typeof FilterCriteria.filter>;

const hasNew = (attribute: string, type: 'S' | 'N'): FilterPattern =>
  FilterCriteria.filter({ dynamodb: { NewImage: { [attribute]: { [type]: FilterRule.exists() } } } });

/** What the topic index shows: a subscription, or a watch. */
const PLACED = { [BY_TOPIC.partitionKey]: { S: FilterRule.exists() } };

const cameToBe = (): FilterPattern =>
  FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT'), dynamodb: { NewImage: PLACED } });

const ended = (): FilterPattern =>
  FilterCriteria.filter({ eventName: FilterRule.isEqual('REMOVE'), dynamodb: { OldImage: PLACED } });

function getCfnBucket(bucket: Bucket): CfnBucket {
  const child = bucket.node.defaultChild;
  if (child instanceof CfnBucket) return child;
  throw new Error('The bucket has no CfnBucket.');
}
