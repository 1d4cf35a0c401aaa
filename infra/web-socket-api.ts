import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, LogGroupLogDestination, WebSocketApi as Api, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import type { Functions } from './functions.ts';

/** The function of each two-way route, by route key. These routes answer their caller by a route response. */
export const TWO_WAY_ROUTES = {
  subscribe: 'Subscribe',
  unsubscribe: 'Unsubscribe',
  publish: 'Publish',
  plus: 'Plus',
  minus: 'Minus',
  onMessage: 'OnMessage',
  ping: 'Ping',
  $default: 'Default',
} as const;

/**
 * The throttle of the stage in requests a second: half of an account's default quota. The other half is left to the
 * posts to connections, which count against the same quota.
 */
const THROTTLE = { rateLimit: 5_000, burstLimit: 2_500 } as const;

const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    eventType: '$context.eventType',
    routeKey: '$context.routeKey',
    status: '$context.status',
    connectionId: '$context.connectionId',
    integrationLatency: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** The properties of the API. */
export interface WebSocketApiProps {
  readonly functions: Functions;
  readonly stageName: string;
}

/**
 * The WebSocket API: a route for each action of the protocol, one stage, and the callback URL for the posting Lambdas.
 */
export class WebSocketApi extends Construct {
  readonly stage: WebSocketStage;
  readonly api: CfnApi;

  constructor(scope: Construct, id: string, { functions, stageName }: WebSocketApiProps) {
    super(scope, id);
    const integration = (function_: Parameters<Functions['get']>[0]) => ({
      integration: new WebSocketLambdaIntegration(`${function_}Integration`, functions.get(function_).function),
    });
    const api = new Api(this, 'Api', {
      description: 'Distributary: counters and topics',
      routeSelectionExpression: '$request.body.action',
      connectRouteOptions: integration('Connect'),
      disconnectRouteOptions: integration('Disconnect'),
    });
    for (const [routeKey, function_] of Object.entries(TWO_WAY_ROUTES)) {
      api.addRoute(routeKey, { ...integration(function_), returnResponse: true });
    }
    this.api = getCfnApi(api);
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName,
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(accessLogs), format: ACCESS_LOG },
    });
    for (const poster of ['Broadcast', 'CatchUp', 'ShardWorker', 'Presence'] as const)
      this.#allowPosting(functions, poster);
  }

  /** Allows a function to post to the connections of the stage, but neither to read nor to close them. */
  #allowPosting(functions: Functions, id: 'Broadcast' | 'CatchUp' | 'ShardWorker' | 'Presence'): void {
    const { stage } = this;
    const resource = `${stage.api.apiId}/${stage.stageName}/POST/@connections/*`;
    const arn = Stack.of(this).formatArn({ service: 'execute-api', resource });
    functions.get(id).bind(ENVIRONMENT.callbackUrl, stage.callbackUrl, {
      actions: ['execute-api:ManageConnections'],
      resources: [arn],
    });
  }
}

function getCfnApi(api: Api): CfnApi {
  const child = api.node.defaultChild;
  if (child instanceof CfnApi) return child;
  throw new Error('The WebSocket API has no CfnApi.');
}
