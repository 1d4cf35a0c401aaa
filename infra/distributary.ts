import { CfnOutput } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function, FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import { acknowledgeFindings } from './acknowledged-findings.ts';
import { ApiGatewayLogging } from './api-gateway-logging.ts';
import { type DistributaryProps, type ReadProps, readProps } from './distributary-props.ts';
import { Functions } from './functions.ts';
import { grantPublishing, grantReplaying } from './grants.ts';
import { prebuiltBundles } from './handler-bundles.ts';
import { HttpDoor } from './http-door.ts';
import { type InstanceName, instanceNameOf } from './instance-name.ts';
import { Monitoring } from './monitoring.ts';
import { StreamPipeline } from './stream-pipeline.ts';
import { Tables } from './tables.ts';
import { type SourceSurroundings, type SourceTable, TopicsFrom, type TopicsFromProps } from './topics-from.ts';
import { WebSocketApi } from './web-socket-api.ts';

/**
 * A real-time backend: topics and counters over one WebSocket, with its tables, functions, stream mappings and
 * monitoring. Its outputs are what operators need, each named by the construct's id and what it is: `LiveWebSocketUrl`.
 * Nothing in it has a fixed name, so several fit one stack, account and region.
 */
export class Distributary extends Construct {
  /** The URL at which clients connect: `wss://…`. */
  readonly url: string;
  /** The URL of the API that posts to connections: `https://…`. */
  readonly callbackUrl: string;
  /** The URL of the HTTP door, `https://…/`, below which a topic is `v1/stream/TOPIC`. Absent without the door. */
  readonly httpUrl: string | undefined;
  /** The URL of the HTTP door for requests that are signed by IAM, `https://…/`. Absent without `http.iam`. */
  readonly signedHttpUrl: string | undefined;
  /** The table of topics: one item for each, with its newest message or its value. */
  readonly topicsTable: TableV2;
  /** The table of archived messages. */
  readonly messagesTable: TableV2;
  /** The table of idempotency keys. */
  readonly keysTable: TableV2;
  /** The table of connections and subscriptions. */
  readonly subscriptionsTable: TableV2;
  /** The bucket of the records that the stream Lambdas gave up. */
  readonly failuresBucket: Bucket;
  readonly #tables: Tables;
  readonly #pipeline: StreamPipeline;
  readonly #webSocket: WebSocketApi;
  readonly #monitoring: Monitoring;
  readonly #signedDoor: FunctionUrl | undefined;
  readonly #settings: Pick<SourceSurroundings, 'bundles' | 'stackName'>;

  constructor(scope: Construct, id: string, props: DistributaryProps = {}) {
    super(scope, id);
    const read = readProps(props);
    const name = instanceNameOf(this);
    const bundles = props.bundles ?? prebuiltBundles(read.poster);
    const settings = { ...read, bundles, stackName: name.metrics };
    const tables = new Tables(this, 'Tables', read.removalPolicy);
    const functions = new Functions(this, 'Functions', { ...settings, tables });
    const webSocket = new WebSocketApi(this, 'WebSocket', { ...settings, functions, apiName: name.prefix || 'Api' });
    const { http } = read;
    const door = http && new HttpDoor(this, 'Http', { ...settings, http, tables });
    const pipeline = new StreamPipeline(this, 'Pipeline', { ...settings, tables, functions });
    const monitored = {
      stackName: name.metrics,
      tables,
      functions,
      mappings: pipeline.mappings,
      stage: webSocket.stage,
    };
    this.#monitoring = new Monitoring(this, 'Monitoring', {
      ...monitored,
      door: door?.handler,
      notifications: read.alarms,
    });
    if (read.setsLoggingRole) webSocket.stage.node.addDependency(new ApiGatewayLogging(this, 'ApiGatewayLogging'));
    this.url = webSocket.stage.url;
    this.callbackUrl = webSocket.stage.callbackUrl;
    this.httpUrl = door?.url.url;
    this.#signedDoor = door?.signedUrl;
    this.signedHttpUrl = door?.signedUrl?.url;
    this.topicsTable = tables.topics;
    this.messagesTable = tables.messages;
    this.keysTable = tables.keys;
    this.subscriptionsTable = tables.subscriptions;
    this.failuresBucket = pipeline.failures;
    [this.#tables, this.#pipeline, this.#webSocket] = [tables, pipeline, webSocket];
    this.#settings = settings;
    this.#output(name, { ...this.#outputs(read), ...outputsOf(this.#monitoring) });
    this.#acknowledge(read);
  }

  /**
   * Makes topics from a table that the application has: each change of its stream that `props` ask for becomes a
   * message of the item's topic, once, in the order of the item. The table needs a stream with new images, and for
   * deletions with both. Throws for a stream that lacks them, and for an invalid source. docs/topics-from-tables.md has
   * the rules.
   */
  topicsFrom(table: SourceTable, props: TopicsFromProps): TopicsFrom {
    const surroundings = { tables: this.#tables, pipeline: this.#pipeline, ...this.#settings };
    const source = new TopicsFrom(this, `TopicsFrom${props.name ?? table.node.id}`, { ...surroundings, table, props });
    this.#monitoring.watch({ stackName: this.#settings.stackName, source });
    return source;
  }

  /**
   * Grants to publish messages and to change counters, as `createPublisher` of `@distributary/server` does: UpdateItem
   * on the topics and PutItem on the keys. The names of the two tables are a separate matter: `bindPublisher`.
   */
  grantPublish(grantee: IGrantable): Grant {
    return grantPublishing(grantee, this.#tables);
  }

  /**
   * Grants a function to publish, and names the tables in its environment: TOPICS_TABLE and KEYS_TABLE, which
   * `createPublisher` of `@distributary/server` reads.
   */
  bindPublisher(publisher: Function): Grant {
    publisher.addEnvironment(ENVIRONMENT.topicsTable, this.topicsTable.tableName);
    publisher.addEnvironment(ENVIRONMENT.keysTable, this.keysTable.tableName);
    return this.grantPublish(publisher);
  }

  /**
   * Grants a back end to read and write all topics through the HTTP door, at `signedHttpUrl`, by requests that it signs
   * by IAM. Throws without the setting `http.iam`.
   */
  grantHttp(grantee: IGrantable): Grant {
    if (this.#signedDoor === undefined) throw new Error('grantHttp needs http: { iam: true }.');
    return this.#signedDoor.grantInvokeUrl(grantee);
  }

  /** Grants an operator's role what `npx distributary replay` does with this Distributary, and `failures list`. */
  grantReplay(grantee: IGrantable): Grant {
    return grantReplaying(grantee, {
      tables: this.#tables,
      pipeline: this.#pipeline,
      webSocket: this.#webSocket,
    });
  }

  #outputs({ messageRetentionHours, topics }: ReadProps): Readonly<Record<string, string>> {
    return {
      WebSocketUrl: this.url,
      CallbackUrl: this.callbackUrl,
      ...(this.httpUrl === undefined ? {} : { HttpUrl: this.httpUrl }),
      ...(this.signedHttpUrl === undefined ? {} : { SignedHttpUrl: this.signedHttpUrl }),
      TopicsTable: this.topicsTable.tableName,
      MessagesTable: this.messagesTable.tableName,
      KeysTable: this.keysTable.tableName,
      SubscriptionsTable: this.subscriptionsTable.tableName,
      FailuresBucket: this.failuresBucket.bucketName,
      MessageRetentionHours: String(messageRetentionHours),
      ...(Object.keys(topics).length === 0 ? {} : { TopicSettings: JSON.stringify(topics) }),
    };
  }

  /** Writes the stack's outputs, under names that the CLI finds this Distributary by. */
  #output({ prefix }: InstanceName, values: Readonly<Record<string, string>>): void {
    for (const [id, value] of Object.entries(values)) {
      new CfnOutput(this, id, { value }).overrideLogicalId(`${prefix}${id}`);
    }
  }

  #acknowledge({ auth, stageName, hasAccessLogs }: ReadProps): void {
    const { api, routes } = this.#webSocket;
    const { bucket } = this.#pipeline;
    acknowledgeFindings(this, { api, stageName, bucket, routes, isAuthorized: auth !== undefined, hasAccessLogs });
  }
}

const outputsOf = ({ dashboardName, topicArn }: Monitoring): Readonly<Record<string, string>> => ({
  DashboardName: dashboardName,
  ...(topicArn === undefined ? {} : { AlarmTopicArn: topicArn }),
});
