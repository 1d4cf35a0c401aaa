import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssemblyOptions, loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import type { ApplicationModel, Json } from '../../../../local/model.ts';
import { expandServerless } from '../../../../local/assembly/sam/expand.ts';
import { parseYamlTemplate } from '../../../../local/assembly/template-yaml.ts';
import { asFields } from '../../../../local/assembly/fields.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

/** A chat as an engineer would write it with SAM: globals, a table with a stream, and what its policies say. */
const CHAT = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: prod, AllowedValues: [prod, test] }
  Owner: { Type: String }
Globals:
  Function:
    Runtime: nodejs22.x
    Timeout: 7
    Environment: { Variables: { STAGE: !Ref Stage, ROOM: lobby } }
Conditions:
  IsTest: !Equals [!Ref Stage, test]
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Live:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, StageName: !Ref Stage, AutoDeploy: true }
  Connections:
    Type: AWS::Serverless::SimpleTable
    Properties: { PrimaryKey: { Name: connectionId, Type: String } }
  Messages:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Send:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: send.handler
      Environment: { Variables: { ROOM: kitchen, CALLBACK: !Sub 'https://\${Api}.execute-api.\${AWS::Region}.amazonaws.com' } }
      Policies:
        - DynamoDBReadPolicy: { TableName: !Ref Connections }
        - AmazonSQSFullAccess
      Events:
        Stream:
          Type: DynamoDB
          Properties: { Stream: !GetAtt Messages.StreamArn, StartingPosition: LATEST, BatchSize: 5 }
  Extra:
    Type: AWS::Serverless::Function
    Condition: IsTest
    Properties: { InlineCode: 'exports.handler = async () => 1;', Handler: index.handler }
`;

describe('a SAM template', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'src'));
  });
  afterEach(() => directory.remove());

  function load(text: string, options: AssemblyOptions = {}): ApplicationModel {
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, text);
    return loadAssembly(file, { port: 4_000, ...options });
  }

  test('runs as it is: functions with their globals, tables, event sources and APIs', () => {
    const { functions, mappings, tables, webSocketApis } = load(CHAT);

    expect(functions).toEqual([
      expect.objectContaining({
        logicalId: 'Send',
        codeDirectory: join(directory.path, 'src'),
        handler: 'send.handler',
        runtime: 'nodejs22.x',
        timeoutSeconds: 7,
        environment: { STAGE: 'prod', ROOM: 'kitchen', CALLBACK: 'http://127.0.0.1:4000' },
      }),
    ]);
    expect(mappings).toMatchObject([{ logicalId: 'SendStream', batchSize: 5, functionArn: functions[0]?.arn }]);
    expect(tables.map(({ definition }) => definition.keys)).toEqual([
      [{ name: 'connectionId', type: 'HASH' }],
      [{ name: 'id', type: 'HASH' }],
    ]);
    expect(webSocketApis.map(({ stages }) => stages.map(({ name }) => name))).toEqual([['prod']]);
  });

  test('takes parameters, which decide its conditions, and refuses values that it does not allow', () => {
    const { functions } = load(CHAT, { parameters: ['Stage=test'] });
    const refused = (): unknown => load(CHAT, { parameters: ['Stage=dev'] });

    expect(functions.map(({ logicalId }) => logicalId)).toEqual(['Send', 'Extra']);
    expect(refused).toThrow('template.yaml: Parameters.Stage is dev; allowed: prod, test');
  });

  test('leaves out what it is told to', () => {
    const { functions, mappings } = load(CHAT, { without: ['SendStream', 'Extra'] });

    expect([functions.length, mappings.length]).toEqual([1, 0]);
  });

  test('gives each function a role with what its policies say', () => {
    const template = asFields(parseYamlTemplate(CHAT), '');
    const { values } = expandServerless({ ...template, path: '' });

    const role = asFields(asFields(values['Resources'], '').values['SendRole'], '').values;
    expect(role).toMatchObject({
      Type: 'AWS::IAM::Role',
      Properties: {
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
          'arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole',
          'arn:aws:iam::aws:policy/AmazonSQSFullAccess',
        ],
        Policies: [
          {
            PolicyDocument: {
              Statement: [{ Action: expect.arrayContaining(['dynamodb:GetItem', 'dynamodb:Query']), Effect: 'Allow' }],
            },
          },
        ],
      },
    });
  });

  test('has versions and aliases of its functions, and the settings of asynchronous events', () => {
    const { functions, webSocketApis } = load(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => 1;'
      Handler: index.handler
      Runtime: nodejs24.x
      AutoPublishAlias: live
      EventInvokeConfig: { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: !GetAtt Fn.Arn } } }
  Permission:
    Type: AWS::Lambda::Permission
    Properties: { Action: lambda:InvokeFunction, FunctionName: !Ref FnAliaslive, Principal: apigateway.amazonaws.com }
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.a } }
  Live: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: live, AutoDeploy: true } }
  To:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${FnAliaslive}/invocations'
  Route: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: $default, Target: !Sub 'integrations/\${To}' } }
`);

    expect(functions).toMatchObject([
      {
        qualifiers: ['1', 'live'],
        eventSettings: { maximumRetryAttempts: 1, maximumEventAgeSeconds: 21_600, onFailure: functions[0]?.arn },
      },
    ]);
    expect(webSocketApis[0]?.stages[0]?.routes).toMatchObject([{ functionArn: functions[0]?.arn, permitted: true }]);
  });

  test('takes a parameter whose pattern only Java understands', () => {
    const { outputs } = load(`
Parameters: { Name: { Type: String, Default: b, AllowedPattern: '(?i)[A-Z]++' } }
Resources: {}
Outputs: { Name: { Value: !Ref Name } }
`);

    expect(outputs).toEqual({ Name: 'b' });
  });

  test.each<[string, string, RegExp]>([
    [
      'an API of SAM',
      'Http: { Type: AWS::Serverless::HttpApi }',
      /Http: the resource type AWS::Serverless::HttpApi is not.*--without Http/,
    ],
    [
      'another event',
      'Fn: { Type: AWS::Serverless::Function, Properties: { Events: { Nightly: { Type: Schedule } } } }',
      /Fn\.Properties\.Events\.Nightly: the event type Schedule is not supported.*--without FnNightly leaves the event out/,
    ],
    [
      'a policy template that is not known',
      'Fn: { Type: AWS::Serverless::Function, Properties: { Policies: [{ TeaPolicy: {} }] } }',
      /Policies\[0\]: the policy template TeaPolicy/,
    ],
    [
      'a container image',
      'Fn: { Type: AWS::Serverless::Function, Properties: { PackageType: Image } }',
      /PackageType: a container image/,
    ],
  ])('refuses %s by its name and its file', (_what, resource, message) => {
    const attempt = (): unknown => load(`Transform: AWS::Serverless-2016-10-31\nResources:\n  ${resource}\n`);

    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/^template\.yaml: /);
  });

  test.each<[string, Json]>([
    ['!Sub "${A}"', { 'Fn::Sub': '${A}' }],
    ['!GetAtt A.B', { 'Fn::GetAtt': 'A.B' }],
    ['!Join ["", [!Ref A, b]]', { 'Fn::Join': ['', [{ Ref: 'A' }, 'b']] }],
    [
      '!If [C, !Ref A, !Sub ["${D}", { D: !Ref E }]]',
      { 'Fn::If': ['C', { Ref: 'A' }, { 'Fn::Sub': ['${D}', { D: { Ref: 'E' } }] }] },
    ],
    ['!Not [!Condition C]', { 'Fn::Not': [{ Condition: 'C' }] }],
    ['2012-10-17', '2012-10-17'],
  ])('may be written in short: %s', (short, long) => {
    expect(parseYamlTemplate(`value: ${short}`)).toEqual({ value: long });
  });
});
