import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The resources of a template, by logical id. */
export type Resources = Readonly<Record<string, object>>;

/** Writes a cloud assembly of these templates, each under its stack's name. Returns its directory. */
export function writeApp(directory: string, templates: Readonly<Record<string, object>>): string {
  mkdirSync(directory, { recursive: true });
  const write = (file: string, content: object): void => writeFileSync(join(directory, file), JSON.stringify(content));
  for (const [name, template] of Object.entries(templates)) write(`${name}.template.json`, template);
  const artifacts = Object.keys(templates).map((name) => [
    name,
    {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json` },
    },
  ]);
  write('manifest.json', { version: '36.0.0', artifacts: Object.fromEntries(artifacts) });
  return directory;
}

/** Returns a function with inline code, and the permission for API Gateway to invoke it. */
export function inlineFunction(id: string, code: string, properties: object = {}): Resources {
  return {
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { ZipFile: code },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: 'arn:aws:iam::000000000000:role/none',
        ...properties,
      },
    },
    [`${id}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: id },
        Principal: 'apigateway.amazonaws.com',
      },
    },
  };
}

/** Returns a WebSocket API: its routes lead to functions, given by their logical ids, and answer. */
export function webSocketApi(
  id: string,
  { routes, stages }: { readonly routes: Readonly<Record<string, string>>; readonly stages: readonly string[] },
): Resources {
  const ApiId = { Ref: id };
  const parts = Object.entries(routes).flatMap(([routeKey, functionId]) => routeOf(id, routeKey, functionId));
  const stageParts = stages.map((StageName) => [
    `${id}Stage${StageName}`,
    { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId, StageName, AutoDeploy: true } },
  ]);
  return {
    [id]: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: id, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
    },
    ...Object.fromEntries([...parts, ...stageParts]),
  };
}

function routeOf(apiId: string, routeKey: string, functionId: string): readonly (readonly [string, object])[] {
  const ApiId = { Ref: apiId };
  const name = `${apiId}${routeKey.replace('$', '')}`;
  const arn = `\${${functionId}.Arn}`;
  const uri = `arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
  return [
    [
      `${name}Integration`,
      {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: { 'Fn::Sub': uri } },
      },
    ],
    [
      `${name}Route`,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId,
          RouteKey: routeKey,
          RouteResponseSelectionExpression: '$default',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${name}Integration` }]] },
        },
      },
    ],
    [
      `${name}Response`,
      {
        Type: 'AWS::ApiGatewayV2::RouteResponse',
        Properties: { ApiId, RouteId: { Ref: `${name}Route` }, RouteResponseKey: '$default' },
      },
    ],
  ];
}
