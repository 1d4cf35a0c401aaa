import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssemblyOptions, loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import type { ApplicationModel } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

/** A shop of which this machine runs the queue and its worker, and nothing else. */
const SHOP = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: nodejs24.x, Handler: index.handler } }
Resources:
  Http: { Type: AWS::Serverless::HttpApi }
  Bus: { Type: AWS::Kinesis::Stream, Properties: { Name: shop } }
  Orders: { Type: AWS::SQS::Queue }
  Work:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => 1;'
      Environment: { Variables: { BUS: !GetAtt Bus.Arn } }
      Policies: [TeaPolicy: {}, SQSSendMessagePolicy: { QueueName: !GetAtt Orders.QueueName }]
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn } }
        Nightly: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
  Report: { Type: AWS::Serverless::Function, Properties: { InlineCode: 'pass', Runtime: python3.13 } }
  Old:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { FunctionName: !Ref Report, EventSourceArn: !GetAtt Orders.Arn }
Outputs: { Url: { Value: !GetAtt Http.Url } }
`;

/** A function whose role has a policy that cannot be read. */
const ROLE = `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess]
      Policies: [{ PolicyName: [], PolicyDocument: {} }]
  Work:
    Type: AWS::Lambda::Function
    Properties: { Code: { ZipFile: '' }, Runtime: nodejs24.x, Handler: index.handler, Role: !GetAtt Role.Arn }
`;

/** An API whose `$connect` has an authorization and an integration that a test writes. */
const API = `
${ROLE}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: live, AutoDeploy: true } }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: INTEGRATION
      IntegrationUri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\${Work.Arn}/invocations'
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: $connect, Target: !Sub 'integrations/\${Integration}', AUTHORIZATION }
`;

describe('a template of which only a part can run', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  function load(options: AssemblyOptions = {}): ApplicationModel {
    mkdirSync(directory.path, { recursive: true });
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, SHOP);
    return loadAssembly(file, { port: 4_000, ...options });
  }

  test('is refused, by the first part that is not supported', () => {
    expect(() => load()).toThrow(/the policy template TeaPolicy is not supported/);
  });

  test('runs that part, and names each other one, if that is wanted', () => {
    const passedOver: string[] = [];

    const { functions, queueMappings, outputs } = load({ passOver: ({ message }) => void passedOver.push(message) });

    expect(functions.map(({ logicalId }) => logicalId)).toEqual(['Work']);
    expect(functions[0]?.environment).toEqual({ BUS: 'Bus.Arn' });
    expect(queueMappings.map(({ logicalId }) => logicalId)).toEqual(['WorkQueue']);
    expect(outputs).toEqual({ Url: 'Http.Url' });
    for (const name of ['Http', 'Bus', 'Nightly', 'Report', 'Old', 'TeaPolicy']) {
      expect(passedOver).toContainEqual(expect.stringContaining(name));
    }
  });

  test('has a role that grants nothing for one that is passed over', () => {
    const file = join(directory.path, 'role.yaml');
    writeFileSync(file, ROLE);

    const { roles, functions } = loadAssembly(file, { port: 4_000, passOver: () => undefined });

    expect(roles).toMatchObject([{ arn: functions[0]?.roleArn, policies: [], managedPolicyArns: [], isUnread: true }]);
  });

  test.each([
    ['an authorization that is not supported', 'AuthorizationType: JWT', 'AWS_PROXY'],
    ['an authorizer that is not there', 'AuthorizationType: CUSTOM, AuthorizerId: none', 'AWS_PROXY'],
    ['an integration that is not supported', 'AuthorizationType: NONE', 'HTTP'],
    ['a part that cannot be resolved', 'OperationName: !GetAtt None.Name', 'AWS_PROXY'],
  ])('lets nobody connect where $connect has %s', (_name, authorization, type) => {
    const file = join(directory.path, 'api.yaml');
    writeFileSync(file, API.replace('AUTHORIZATION', authorization).replace('INTEGRATION', type));

    const [api] = loadAssembly(file, { port: 4_000, passOver: () => undefined }).webSocketApis;

    const [connect] = api?.stages[0]?.routes.filter(({ routeKey }) => routeKey === '$connect') ?? [];
    expect(connect).toBeDefined();
    expect(connect).not.toHaveProperty('functionArn');
  });

  test('runs whole without what the user leaves out', () => {
    const text = SHOP.replace('TeaPolicy: {}, ', '')
      .replace('!GetAtt Bus.Arn', '!Ref Bus')
      .replace(/Outputs:.*/, '');
    const file = join(directory.path, 'without.yaml');
    writeFileSync(file, text);

    const { functions } = loadAssembly(file, { port: 4_000, without: ['Http', 'Bus', 'WorkNightly', 'Report', 'Old'] });

    expect(functions.map(({ logicalId }) => logicalId)).toEqual(['Work']);
  });
});
