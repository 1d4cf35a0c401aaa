import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnApi,
  CfnRoute,
  CfnStage,
  type IAccessLogSettings,
  IpAddressType,
  LogGroupLogDestination,
  WebSocketApi as Api,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import { type Functions, POSTER_IDS, type PosterId } from './functions.ts';
import type { AddressType } from './settings.ts';

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
 * The share of each route in the frames that the routes take together, in percent; 100 in all. API Gateway applies a
 * stage's throttle to each route separately, so without shares a flood on every route could use up the account's quota,
 * against which the posts to connections count too. A flood on one route leaves the others their rates.
 */
const ROUTE_SHARES: Readonly<Record<string, number>> = {
  $connect: 10,
  $disconnect: 10,
  subscribe: 15,
  unsubscribe: 5,
  publish: 20,
  plus: 15,
  minus: 5,
  onMessage: 5,
  ping: 10,
  $default: 5,
} satisfies Record<keyof typeof TWO_WAY_ROUTES | '$connect' | '$disconnect', number>;

/** The burst of a throttle as a part of its rate, as in an account's default quotas (5,000 of 10,000). */
const BURST = 0.5;

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
  /** Frames a second that the routes take together. */
  readonly framesPerSecond: number;
  readonly ipAddressType: AddressType;
  /** The name of the API in the console. */
  readonly apiName: string;
  /** Whether the stage logs every access. The account's API Gateway must have a role for it. */
  readonly hasAccessLogs: boolean;
}

/**
 * The WebSocket API: a route for each action of the protocol, one stage, and the callback URL for the posting Lambdas.
 */
export class WebSocketApi extends Construct {
  readonly stage: WebSocketStage;
  readonly api: CfnApi;
  readonly routes: readonly CfnRoute[];

  constructor(scope: Construct, id: string, props: WebSocketApiProps) {
    super(scope, id);
    const { functions, stageName, framesPerSecond } = props;
    const integration = (function_: Parameters<Functions['get']>[0]) => ({
      integration: new WebSocketLambdaIntegration(`${function_}Integration`, functions.get(function_).function),
    });
    const api = new Api(this, 'Api', {
      apiName: props.apiName,
      ...(props.ipAddressType === 'dualstack' ? { ipAddressType: IpAddressType.DUAL_STACK } : {}),
      description: 'Distributary: counters and topics',
      routeSelectionExpression: '$request.body.action',
      connectRouteOptions: { ...integration('Connect'), ...authorizerOf(functions) },
      disconnectRouteOptions: integration('Disconnect'),
    });
    for (const [routeKey, function_] of Object.entries(TWO_WAY_ROUTES)) {
      api.addRoute(routeKey, { ...integration(function_), returnResponse: true });
    }
    this.api = getCfnApi(api);
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName,
      autoDeploy: true,
      throttle: { rateLimit: framesPerSecond, burstLimit: framesPerSecond * BURST },
      ...(props.hasAccessLogs ? { accessLogSettings: this.#accessLogs() } : {}),
    });
    this.routes = api.node.findAll().filter((child) => child instanceof CfnRoute);
    this.#throttleRoutes(framesPerSecond);
    for (const poster of POSTER_IDS) this.#allowPosting(functions, poster);
    functions.get('CatchUp').allow(['execute-api:ManageConnections'], [this.connections('DELETE')]);
  }

  #accessLogs(): IAccessLogSettings {
    const group = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return { destination: new LogGroupLogDestination(group), format: ACCESS_LOG };
  }

  /**
   * Gives each route its share of the rate. The stage names its routes then, and API Gateway refuses a name that does
   * not exist yet, so the stage is created after them.
   */
  #throttleRoutes(framesPerSecond: number): void {
    const settings = this.routes.map(({ routeKey }) => {
      const rate = Math.ceil((framesPerSecond * (ROUTE_SHARES[routeKey] ?? 0)) / 100);
      if (rate === 0) throw new Error(`The route ${routeKey} has no share of the rate.`);
      return [routeKey, { ThrottlingRateLimit: rate, ThrottlingBurstLimit: Math.ceil(rate * BURST) }] as const;
    });
    getCfnStage(this.stage).routeSettings = Object.fromEntries(settings);
    this.stage.node.addDependency(...this.routes);
  }

  /** Allows a function to post to the connections of the stage, but neither to read nor to close them. */
  #allowPosting(functions: Functions, id: PosterId): void {
    functions.get(id).bind(ENVIRONMENT.callbackUrl, this.stage.callbackUrl, {
      actions: ['execute-api:ManageConnections'],
      resources: [this.connections('POST')],
    });
  }

  /** Returns the ARN of a method on all connections of the stage. */
  connections(method: 'POST' | 'DELETE'): string {
    const { api, stageName } = this.stage;
    const resource = `${api.apiId}/${stageName}/${method}/@connections/*`;
    return Stack.of(this).formatArn({ service: 'execute-api', resource });
  }
}

/**
 * Returns the authorizer of `$connect`, if the stack has one. The list of identity sources is empty, so API Gateway
 * asks the function at every handshake: it answers 401 by itself where a named source is missing, and the default of
 * the CDK is the header `Authorization`, which no browser can send.
 */
function authorizerOf({ authorize }: Functions): { readonly authorizer?: WebSocketLambdaAuthorizer } {
  if (authorize === undefined) return {};
  return { authorizer: new WebSocketLambdaAuthorizer('Authorizer', authorize.function, { identitySource: [] }) };
}

function getCfnApi(api: Api): CfnApi {
  const child = api.node.defaultChild;
  if (child instanceof CfnApi) return child;
  throw new Error('The WebSocket API has no CfnApi.');
}

function getCfnStage(stage: WebSocketStage): CfnStage {
  const child = stage.node.defaultChild;
  if (child instanceof CfnStage) return child;
  throw new Error('The stage has no CfnStage.');
}
