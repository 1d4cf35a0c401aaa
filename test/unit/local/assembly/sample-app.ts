import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, ProjectionType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  Code,
  FilterCriteria,
  FilterRule,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of the sample stack, for a test to change. */
export interface SampleParts {
  readonly app: App;
  readonly stack: Stack;
  readonly topics: TableV2;
  readonly handler: LambdaFunction;
  readonly api: WebSocketApi;
}

/** Synthesizes an application with one of each resource that the runtime knows; returns the assembly's directory. */
export function synthesizeSample(directory: string, change: (parts: SampleParts) => void = () => {}): string {
  const code = join(directory, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.mjs'), 'export const handler = async () => ({ statusCode: 200 });\n');
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Sample');
  const topics = makeTopics(stack);
  const subscriptions = makeSubscriptions(stack);
  const handler = makeFunction(stack, code);
  const api = makeApi(stack, handler);
  addMappings(stack, handler, { topics, subscriptions });
  handler.addEnvironment('TOPICS', topics.tableName);
  change({ app, stack, topics, handler, api });
  app.synth();
  return outdir;
}

function makeTopics(stack: Stack): TableV2 {
  return new TableV2(stack, 'Topics', {
    partitionKey: { name: 'topic', type: AttributeType.STRING },
    dynamoStream: StreamViewType.NEW_IMAGE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
}

function makeSubscriptions(stack: Stack): TableV2 {
  return new TableV2(stack, 'Subscriptions', {
    partitionKey: { name: 'connectionId', type: AttributeType.STRING },
    sortKey: { name: 'topic', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    globalSecondaryIndexes: [
      {
        indexName: 'byTopic',
        partitionKey: { name: 'topicShard', type: AttributeType.STRING },
        sortKey: { name: 'connectionId', type: AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ['flags'],
      },
    ],
  });
}

function makeFunction(stack: Stack, code: string): LambdaFunction {
  return new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(code),
    memorySize: 256,
    timeout: Duration.seconds(10),
  });
}

function makeApi(stack: Stack, handler: LambdaFunction): WebSocketApi {
  const authorizer = new WebSocketLambdaAuthorizer('Authorizer', handler, {
    identitySource: ['route.request.querystring.token'],
  });
  const api = new WebSocketApi(stack, 'Api', {
    connectRouteOptions: { integration: new WebSocketLambdaIntegration('Connect', handler), authorizer },
    defaultRouteOptions: { integration: new WebSocketLambdaIntegration('Otherwise', handler) },
  });
  api.addRoute('publish', {
    integration: new WebSocketLambdaIntegration('Publish', handler, { timeout: Duration.seconds(5) }),
    returnResponse: true,
  });
  const throttle = { rateLimit: 100, burstLimit: 50 };
  const stage = new WebSocketStage(stack, 'Stage', {
    webSocketApi: api,
    stageName: 'live',
    autoDeploy: true,
    throttle,
  });
  stage.grantManagementApiAccess(handler);
  handler.addEnvironment('CALLBACK_URL', stage.callbackUrl);
  const output = new CfnOutput(stack, 'Url', { value: stage.url });
  output.description = 'Where clients connect';
  return api;
}

interface Tables {
  readonly topics: TableV2;
  readonly subscriptions: TableV2;
}

function addMappings(stack: Stack, handler: LambdaFunction, { topics, subscriptions }: Tables): void {
  const startingPosition = StartingPosition.TRIM_HORIZON;
  const failures = new Bucket(stack, 'Failures', { enforceSSL: true });
  handler.addEventSource(
    new DynamoEventSource(asInterface(topics), {
      startingPosition,
      batchSize: 50,
      maxBatchingWindow: Duration.seconds(1),
      parallelizationFactor: 4,
      retryAttempts: 5,
      maxRecordAge: Duration.hours(1),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
      onFailure: new S3OnFailureDestination(asInterface(failures)),
    }),
  );
  handler.addEventSource(
    new DynamoEventSource(asInterface(subscriptions), { startingPosition: StartingPosition.LATEST }),
  );
}

type Whole<T> = T & { [K in keyof T]: Exclude<T[K], undefined> };

/**
 * CDK's own classes do not fit its interfaces under exactOptionalPropertyTypes: their optional getters may be
 * undefined.
 */
function asInterface<T extends object>(construct: T): Whole<T> {
  if (!isWhole(construct)) throw new Error('this is no construct');
  return construct;
}

function isWhole<T extends object>(construct: T): construct is Whole<T> {
  return Construct.isConstruct(construct);
}
