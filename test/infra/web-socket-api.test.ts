import { type Action, CLIENT_FRAMES } from '../../shared/protocol/client-frames.ts';
import { namesIn, readDocument, rowsOf, sectionsUnder } from '../docs/markdown.ts';
import { type NamedResource, synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();
const routes = stack.ofType('AWS::ApiGatewayV2::Route');
const integrations = stack.ofType('AWS::ApiGatewayV2::Integration');
const responses = [...stack.ofType('AWS::ApiGatewayV2::RouteResponse').values()];
const permissions = [...stack.ofType('AWS::Lambda::Permission').values()];

/** The function of each route, by route key. */
const FUNCTIONS: Readonly<Record<Action | '$connect' | '$disconnect' | '$default', string>> = {
  $connect: 'Connect',
  $disconnect: 'Disconnect',
  $default: 'Default',
  subscribe: 'Subscribe',
  unsubscribe: 'Unsubscribe',
  publish: 'Publish',
  plus: 'Plus',
  minus: 'Minus',
  onMessage: 'OnMessage',
  ping: 'Ping',
  setPresence: 'SetPresence',
};

interface Rate {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

const TWO_WAY = Object.keys(FUNCTIONS).filter((key) => key !== '$connect' && key !== '$disconnect');

const API = '<WebSocket/Api>';
const functionArn = (id: string) => `<Functions/${id}/Function.Arn>`;

function routeOf(key: string): NamedResource {
  const found = [...routes.values()].find(({ Properties }) => Properties['RouteKey'] === key);
  if (found === undefined) throw new Error(`no route ${key}`);
  return found;
}

describe('the WebSocket API', () => {
  it('chooses the route by the action of the frame', () => {
    expect(stack.get('AWS::ApiGatewayV2::Api', 'WebSocket/Api').Properties).toMatchObject({
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    });
  });

  it('has routes for the connection, for each action of the protocol, and for everything else', () => {
    const keys = [...routes.values()].map(({ Properties }) => String(Properties['RouteKey']));

    expect(keys.toSorted()).toEqual(['$connect', '$default', '$disconnect', ...Object.keys(CLIENT_FRAMES)].toSorted());
  });

  it.each(Object.entries(FUNCTIONS))('passes frames of %s to the function %s', (key, id) => {
    const target = stack.read(routeOf(key).Properties['Target']);

    const integration = integrations.get(target.replace(/^integrations\/<(.*)>$/, '$1'));
    expect(integration?.Properties).toMatchObject({ IntegrationType: 'AWS_PROXY' });
    expect(stack.read(integration?.Properties['IntegrationUri'])).toBe(
      `arn:<AWS::Partition>:apigateway:<AWS::Region>:lambda:path/2015-03-31/functions/${functionArn(id)}/invocations`,
    );
  });

  it.each(Object.entries(FUNCTIONS))('may call for %s the function %s, from that route only', (key, id) => {
    const ofFunction = permissions.filter(
      ({ Properties }) => stack.read(Properties['FunctionName']) === functionArn(id),
    );

    expect(ofFunction.map(({ Properties }) => Properties['Principal'])).toEqual(['apigateway.amazonaws.com']);
    expect(ofFunction.map(({ Properties }) => stack.read(Properties['SourceArn']))).toEqual([
      `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:${API}/*${key}`,
    ]);
  });

  it.each(TWO_WAY)('answers the caller of %s', (key) => {
    const route = routeOf(key);

    const ofRoute = responses.filter(({ Properties }) => stack.read(Properties['RouteId']) === `<${route.name}>`);
    expect(ofRoute.map(({ Properties }) => Properties['RouteResponseKey'])).toEqual(['$default']);
    expect(route.Properties['RouteResponseSelectionExpression']).toBe('$default');
  });

  it.each(['$connect', '$disconnect'])('sends no frame as answer to %s', (key) => {
    const route = routeOf(key);

    const ofRoute = responses.filter(({ Properties }) => stack.read(Properties['RouteId']) === `<${route.name}>`);
    expect(ofRoute).toEqual([]);
    expect(route.Properties).not.toHaveProperty('RouteResponseSelectionExpression');
  });
});

describe('the stage', () => {
  const stage = stack.get('AWS::ApiGatewayV2::Stage', 'WebSocket/Stage');

  it('is the only one, deploys every change, and is throttled', () => {
    expect(stack.ofType('AWS::ApiGatewayV2::Stage').size).toBe(1);
    expect(stage.Properties).toMatchObject({
      StageName: 'live',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 5_000, ThrottlingBurstLimit: 2_500 },
    });
  });

  const ratesOf = (from: typeof stack): Readonly<Record<string, Rate>> =>
    JSON.parse(JSON.stringify(from.get('AWS::ApiGatewayV2::Stage', 'WebSocket/Stage').Properties['RouteSettings']));
  const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

  it('has a rate and a burst for every route, together those of the stage: a flood on one leaves the others theirs', () => {
    const rates = ratesOf(stack);

    const keys = [...routes.values()].map(({ Properties }) => String(Properties['RouteKey']));
    expect(Object.keys(rates).toSorted()).toEqual(keys.toSorted());
    expect(Object.values(rates).every((rate) => rate.ThrottlingRateLimit >= 250)).toBe(true);
    expect(sumOf(Object.values(rates).map((rate) => rate.ThrottlingRateLimit))).toBe(5_000);
    expect(sumOf(Object.values(rates).map((rate) => rate.ThrottlingBurstLimit))).toBe(2_500);
  });

  it('has the rates that docs/limits.md names', () => {
    const rows = rowsOf(sectionsUnder(readDocument('docs/limits.md'), /^The stage$/));
    const named = rows.flatMap(({ cells: [routes = '', , rate = ''] }) =>
      namesIn(routes).map((route) => [route, Number.parseInt(rate.replace(',', ''), 10)] as const),
    );

    const rates = Object.entries(ratesOf(stack)).map(([route, rate]) => [route, rate.ThrottlingRateLimit]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(rates));
  });

  it('has higher rates for an account with a higher quota', () => {
    const rates = ratesOf(synthesizeStack({ framesPerSecond: '20000' }));

    expect(rates['publish']).toEqual({ ThrottlingRateLimit: 4_000, ThrottlingBurstLimit: 2_000 });
    expect(sumOf(Object.values(rates).map((rate) => rate.ThrottlingRateLimit))).toBe(20_000);
  });

  it('is created after every route: API Gateway refuses a rate of a route that does not exist yet', () => {
    const missing = [...routes.values()].filter(({ logicalId }) => stage.DependsOn?.includes(logicalId) !== true);

    expect(missing).toEqual([]);
  });

  it('logs every access, in JSON, to a group with a retention', () => {
    const settings: { Format: string; DestinationArn: unknown } = JSON.parse(
      JSON.stringify(stage.Properties['AccessLogSettings']),
    );

    expect(stack.read(settings.DestinationArn)).toBe('<WebSocket/AccessLogs.Arn>');
    expect(JSON.parse(settings.Format)).toMatchObject({
      connectionId: '$context.connectionId',
      routeKey: '$context.routeKey',
      status: '$context.status',
      integrationError: '$context.integrationErrorMessage',
    });
    expect(stack.get('AWS::Logs::LogGroup', 'WebSocket/AccessLogs').Properties['RetentionInDays']).toBe(30);
  });

  it('logs no payload', () => {
    expect(JSON.stringify(stage.Properties['AccessLogSettings'])).not.toMatch(
      /\$context\.(authorizer|error\.message)|body/,
    );
  });

  it('is created after the role with which API Gateway writes logs', () => {
    const account = stack.get('AWS::ApiGateway::Account', 'ApiGatewayLogging/Account');

    expect(stage.DependsOn).toContain(account.logicalId);
    expect(account.DeletionPolicy).toBe('Retain');
    expect(stack.get('AWS::IAM::Role', 'ApiGatewayLogging/Role').DeletionPolicy).toBe('Retain');
  });

  it('does not set that role if the settings say so', () => {
    const other = synthesizeStack({ setsLoggingRole: 'false' });

    expect(other.ofType('AWS::ApiGateway::Account').size).toBe(0);
  });

  it('has the name of the settings, in its URLs too', () => {
    const other = synthesizeStack({ stageName: 'next' });

    expect(other.read(other.outputs['WebSocketUrl']?.Value)).toMatch(/^wss:.*\/next$/);
    expect(other.read(other.outputs['CallbackUrl']?.Value)).toMatch(/^https:.*\/next$/);
  });
});
