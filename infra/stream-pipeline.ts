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
import { BY_TOPIC, OWED, SUBSCRIPTIONS } from '../shared/store/schema.ts';
import type { Functions } from './functions.ts';
import type { HandlerFunction } from './handler-function.ts';
import type { TablePolicy, Tables } from './tables.ts';

/** Time for which records that were given up are kept in the bucket: 90 days, for an operator to replay them. */
const FAILURE_RETENTION = Duration.days(90);

/**
 * The parameters of all mappings. Lambda's defaults would retry a bad record for a day and hold up its shard meanwhile,
 * so every parameter is set. Parallelization factor 10 is Lambda's maximum; order holds per item, and a topic is one
 * item. Batching window 0: records do not wait. Bisecting isolates a bad record; partial responses keep what was done
 * before it.
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
 * The parameters of broadcast. After 10 minutes a message is left to an operator to replay; its subscribers have caught
 * up since. A batch is what has gathered while the last one was delivered. Batches are large because a counter's
 * changes in one batch cost each subscriber one post: at the counters' pace (60 ms) 500 records are over 8,000 changes
 * a second, and the 1,000 writes a second that one item takes at most still fit when a delivery takes half a second.
 */
const BROADCAST = { ...COMMON, batchSize: 500, retryAttempts: 8, maxRecordAge: Duration.minutes(10) } as const;

/**
 * The parameters of catch-up. A client that was not caught up within 5 minutes has asked again or is gone. Batches are
 * small, so that a catch-up that waits holds up few others.
 */
const CATCH_UP = { ...COMMON, batchSize: 10, retryAttempts: 4, maxRecordAge: Duration.minutes(5) } as const;

/**
 * The parameters of presence. Joins and leaves are gathered for a second; a shard has one batch at a time, so that
 * counts arrive in order. A record is given up after a minute: the next change or subscribe sends a newer state. The
 * window is also the pause between two tries of a catch-up that a connection is owed (docs/adr/0016-owed-catch-ups.md).
 */
const PRESENCE = {
  ...COMMON,
  maxBatchingWindow: Duration.seconds(1),
  parallelizationFactor: 1,
  batchSize: 1_000,
  retryAttempts: 2,
  maxRecordAge: Duration.minutes(1),
} as const;

/** The event source mapping of each stream Lambda. */
export type StreamMappings = Readonly<Record<'Broadcast' | 'CatchUp' | 'Presence', EventSourceMapping>>;

/** The properties of the pipeline. */
export interface StreamPipelineProps {
  readonly tables: Tables;
  readonly functions: Functions;
  /** The fate of the failure bucket when the stack is deleted. With DESTROY its records go with it. */
  readonly removalPolicy: TablePolicy;
}

/** The mappings from the two streams to the three stream Lambdas, and the bucket for the records that they give up. */
export class StreamPipeline extends Construct {
  readonly failures: Bucket;
  readonly bucket: CfnBucket;
  readonly mappings: StreamMappings;

  constructor(scope: Construct, id: string, { tables, functions, removalPolicy }: StreamPipelineProps) {
    super(scope, id);
    this.failures = new Bucket(this, 'Failures', {
      // A key that AWS owns, as for the tables. docs/adr/0018-keys-that-aws-owns.md has the reasons.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: FAILURE_RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    });
    this.bucket = getCfnBucket(this.failures);
    this.mappings = {
      Broadcast: this.#map(tables.topics, functions.get('Broadcast'), {
        ...BROADCAST,
        // A change of a topic has a seq; a deletion has no new image.
        filters: [hasNew('seq', 'N')],
      }),
      CatchUp: this.#map(tables.subscriptions, functions.get('CatchUp'), {
        ...CATCH_UP,
        filters: [hasNew(SUBSCRIPTIONS.request, 'S')],
      }),
      Presence: this.#map(tables.subscriptions, functions.get('Presence'), {
        ...PRESENCE,
        // Five are all that Lambda takes by default.
        filters: [
          inserted(),
          removed(),
          hasNew(SUBSCRIPTIONS.watch, 'S'),
          hasNew(OWED, 'S'),
          hasNew(SUBSCRIPTIONS.statedAt, 'N'),
        ],
      }),
    };
  }

  #map(table: TableV2, target: HandlerFunction, parameters: MappingParameters): EventSourceMapping {
    if (table.tableStreamArn === undefined) throw new Error(`${table.node.path} has no stream.`);
    return this.map(table.tableStreamArn, target, parameters);
  }

  /** Maps a stream to a function, which may read it then, and has what Lambda gives up written to the bucket. */
  map(streamArn: string, target: HandlerFunction, parameters: MappingParameters): EventSourceMapping {
    target.allow(READ_STREAM, [streamArn]);
    target.allow(['s3:PutObject'], [this.failures.arnForObjects('aws/lambda/*')]);
    target.allow(['s3:ListBucket'], [this.failures.bucketArn]);
    const mapping = new EventSourceMapping(target, 'Stream', {
      ...parameters,
      target: target.function,
      eventSourceArn: streamArn,
      onFailure: this.#destination(),
      // Lambda counts polled and given-up records only if it is configured to.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    mapping.node.addDependency(target.role);
    return mapping;
  }

  /** Returns the bucket as destination. CDK's S3OnFailureDestination would also grant reading and deleting. */
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

/** The images of records that are in the topic index: subscriptions and presence subscriptions. */
const INDEXED = { [BY_TOPIC.partitionKey]: { S: FilterRule.exists() } };

const inserted = (): FilterPattern =>
  FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT'), dynamodb: { NewImage: INDEXED } });

const removed = (): FilterPattern =>
  FilterCriteria.filter({ eventName: FilterRule.isEqual('REMOVE'), dynamodb: { OldImage: INDEXED } });

function getCfnBucket(bucket: Bucket): CfnBucket {
  const child = bucket.node.defaultChild;
  if (child instanceof CfnBucket) return child;
  throw new Error('The bucket has no CfnBucket.');
}
