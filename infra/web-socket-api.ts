import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, LogGroupLogDestination, WebSocketApi as Api, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import type { Functions } from './functions.ts';

/** Route keys and the function of each. All of these answer their caller, by the route response. */
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

/** Half of an account's default rate: the other half is left to the callbacks, which draw on the same quota. */
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

export interface WebSocketApiProps {
  readonly functions: Functions;
  readonly stageName: string;
}

/** The WebSocket API: a route for each frame of the protocol, one stage, and the callback URL for those who post. */
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

  /** To post, and neither to read nor to close connections. */
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
