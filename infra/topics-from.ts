import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnGlobalTable, CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { type EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import type { When } from '../shared/from-table/conditions.ts';
import { filterPatternsOf } from '../shared/from-table/filter-patterns.ts';
import { KEPT_PREFIX } from '../shared/from-table/kept-record.ts';
import { readTableSource, type TableEvent, type TableSource } from '../shared/from-table/table-source.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import { HandlerFunction } from './handler-function.ts';
import type { StreamPipeline } from './stream-pipeline.ts';
import type { Tables } from './tables.ts';

/** The handler's file name of the Lambda that reads a table's stream. Each source has one. */
export const FROM_TABLE_HANDLER = 'from-table';

/** A table that may have a stream: a Table, a TableV2, or an imported one. */
export interface SourceTable extends IConstruct {
  readonly tableStreamArn?: string | undefined;
  readonly encryptionKey?: IKey | undefined;
}

/** The properties of topics from a table. An invalid one throws at synthesis. */
export interface TopicsFromProps {
  /**
   * The topic of an item: a name with attributes in braces, like `order:{customerId}`. A value is one segment: it may
   * not contain `/` or `:`, unless the name is written `{+customerId}`.
   */
  readonly topic: string;
  /** The changes that become messages. Default: `INSERT` and `MODIFY`. `REMOVE` needs the stream's old images. */
  readonly on?: readonly TableEvent[];
  /**
   * The conditions on the item after the change, or before its deletion: for each attribute a list, of which one must
   * hold: a value to equal, `{ prefix }`, `{ exists }`, `{ numeric: ['>=', 10] }` or `{ 'anything-but': [...] }`.
   * Default: none, every item.
   */
  readonly when?: When;
  /** The names of the attributes that a message shows, beside the item's key. Others never leave the table. */
  readonly project: readonly string[];
  /**
   * Number of batches of one stream shard that are published at once: 1 to 10. The order of an item holds with any.
   * Default: 10, or 1 if the topic names no attribute, since all records write to one topic then.
   */
  readonly concurrency?: number;
  /** The name of the source, in the names of its resources. Default: the table's construct id. */
  readonly name?: string;
}

/** The parts of a Distributary that a source uses. */
export interface SourceSurroundings {
  readonly tables: Tables;
  readonly pipeline: StreamPipeline;
  readonly bundles: HandlerBundles;
  /** The dimension `stack` of the metrics. */
  readonly stackName: string;
}

/**
 * The size of the Lambda, which waits for DynamoDB, up to 16 writes at once. In the last 20 seconds of an invocation no
 * record is begun.
 */
const SIZE = { memoryMb: 512, timeout: Duration.seconds(60) } as const;

/**
 * The parameters of the mapping. A record that can never be published is kept by the function itself, at once. Others
 * fail by an outage, and are retried for as long as the stream has them, 100 times at most. Their keys live longer than
 * the stream (`RECORD_KEY_SECONDS`), so each counts once.
 */
const MAPPING = {
  // LATEST can miss records while Lambda creates or updates the mapping.
  startingPosition: StartingPosition.TRIM_HORIZON,
  batchSize: 100,
  maxBatchingWindow: Duration.seconds(0),
  bisectBatchOnError: true,
  reportBatchItemFailures: true,
  enabled: true,
  retryAttempts: 100,
  maxRecordAge: Duration.hours(24),
} as const;

/** The longest pattern that Lambda takes, in characters. */
const PATTERN_LENGTH = 4_096;

/** Lambda's range of the batches of one stream shard at once. */
const CONCURRENCY = { min: 1, max: 10 } as const;

/** The views of streams that have the item after a change. */
const VIEWS = { new: ['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'], both: ['NEW_AND_OLD_IMAGES'] } as const;

/**
 * Topics from a table that the application has: a Lambda that publishes the changes of the table's stream, and its
 * mapping. The Lambda reads this stream only, writes topics and keys, and keeps what cannot be published in the failure
 * bucket.
 */
export class TopicsFrom extends Construct {
  readonly handler: HandlerFunction;
  readonly mapping: EventSourceMapping;

  constructor(
    scope: Construct,
    id: string,
    options: SourceSurroundings & { table: SourceTable; props: TopicsFromProps },
  ) {
    super(scope, id);
    const { table, props, pipeline } = options;
    const source = this.#read(props);
    const streamArn = streamOf(table, source);
    const parallelizationFactor = this.#concurrencyOf(props);
    this.handler = this.#createHandler(source, options);
    // A table with a customer's key has an encrypted stream.
    table.encryptionKey?.grantDecrypt(this.handler.role);
    this.mapping = pipeline.map(streamArn, this.handler, {
      ...MAPPING,
      parallelizationFactor,
      filters: filtersOf(source),
    });
    this.#acknowledge(pipeline);
  }

  /** Grants an operator's role to replay the failures of this source: the command has its function publish them. */
  grantReplay(grantee: IGrantable): Grant {
    const resourceArns = [this.handler.function.functionArn];
    return Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns });
  }

  #read({ topic, on = ['INSERT', 'MODIFY'], when = {}, project }: TopicsFromProps): TableSource {
    try {
      return readTableSource({ topic, on, when, project });
    } catch (cause) {
      throw new Error(`${this.node.path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  #concurrencyOf({ concurrency, topic }: TopicsFromProps): number {
    const chosen = concurrency ?? (topic.includes('{') ? CONCURRENCY.max : CONCURRENCY.min);
    const { min, max } = CONCURRENCY;
    if (Number.isInteger(chosen) && chosen >= min && chosen <= max) return chosen;
    throw new Error(`${this.node.path}: concurrency must be a whole number from ${min} to ${max}.`);
  }

  #createHandler(source: TableSource, { tables, pipeline, bundles, stackName }: SourceSurroundings): HandlerFunction {
    const description = `Distributary: ${FROM_TABLE_HANDLER}, ${this.node.id}`;
    const props = { handler: FROM_TABLE_HANDLER, bundles, stackName, description, ...SIZE };
    const handler = new HandlerFunction(this, 'Default', props);
    const { topics, keys } = tables;
    handler.function.addEnvironment(ENVIRONMENT.tableSource, JSON.stringify(source));
    handler.bind(ENVIRONMENT.topicsTable, topics.tableName, {
      actions: ['dynamodb:UpdateItem'],
      resources: [topics.tableArn],
    });
    handler.bind(ENVIRONMENT.keysTable, keys.tableName, { actions: ['dynamodb:PutItem'], resources: [keys.tableArn] });
    handler.bind(ENVIRONMENT.failuresBucket, pipeline.failures.bucketName, {
      actions: ['s3:PutObject'],
      resources: [pipeline.failures.arnForObjects(`${KEPT_PREFIX}*`)],
    });
    return handler;
  }

  #acknowledge({ bucket }: StreamPipeline): void {
    Validations.of(this).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(bucket)}.Arn>/${KEPT_PREFIX}*]`,
      reason: 'The keys of records that cannot be published follow from the records.',
    });
  }
}

/** Returns the stream of a table. Throws if there is none, or if it lacks the images that the source needs. */
function streamOf(table: SourceTable, { on }: TableSource): string {
  const views: readonly string[] = on.includes('REMOVE') ? VIEWS.both : VIEWS.new;
  const remedy = `Give the table a stream with ${views.join(' or ')} (\`stream\` of a Table, \`dynamoStream\` of a TableV2)`;
  if (table.tableStreamArn === undefined) {
    throw new Error(`${table.node.path} has no stream. ${remedy}, or import it with its tableStreamArn.`);
  }
  const view = viewOf(table);
  if (view === undefined || views.includes(view)) return table.tableStreamArn;
  const lack = on.includes('REMOVE') ? 'a deleted item' : 'the item after a change';
  throw new Error(`The stream of ${table.node.path} has ${view}, which lacks ${lack}. ${remedy}.`);
}

/** Returns the view of a table's stream; undefined for an imported table, whose stream is not in the template. */
function viewOf(table: SourceTable): string | undefined {
  const child = table.node.defaultChild;
  if (!(child instanceof CfnTable || child instanceof CfnGlobalTable)) return undefined;
  const specification: { readonly streamViewType?: string } | undefined = Stack.of(table).resolve(
    child.streamSpecification,
  );
  return specification?.streamViewType;
}

function filtersOf(source: TableSource) {
  const patterns = filterPatternsOf(source);
  const length = Math.max(...patterns.map((pattern) => JSON.stringify(pattern).length));
  if (length > PATTERN_LENGTH)
    throw new Error(`when: the filter has ${length} characters; Lambda takes ${PATTERN_LENGTH}.`);
  return patterns.map((pattern) => FilterCriteria.filter(pattern));
}
