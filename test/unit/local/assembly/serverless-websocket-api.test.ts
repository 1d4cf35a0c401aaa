import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssemblyOptions, loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import type { ApplicationModel } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

/** A template of SAM with a WebSocket API in SAM's own words, what stands around it, and a layer. */
const TEMPLATE = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: nodejs24.x, Handler: index.handler } }
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: prod
      StageVariables: { town: Ulm }
      Auth: { AuthType: CUSTOM, AuthArn: !GetAtt Guard.Arn, IdentitySource: [route.request.querystring.token] }
      Domain: { DomainName: chat.example.org, CertificateArn: !Ref Certificate }
      Routes:
        $connect: { FunctionArn: !GetAtt Work.Arn }
        sendMessage: { FunctionArn: !GetAtt Work.Arn, IntegrationTimeout: 1500 }
  Certificate: { Type: AWS::CertificateManager::Certificate, Properties: { DomainName: chat.example.org } }
  Users: { Type: AWS::Cognito::UserPool }
  Client: { Type: AWS::Cognito::UserPoolClient, Properties: { UserPoolId: !Ref Users } }
  Libraries: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: layer/ } }
  Seats:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: room, AttributeType: S }, { AttributeName: at, AttributeType: N }, { AttributeName: seat, AttributeType: S }]
      KeySchema: [{ AttributeName: room, KeyType: HASH }, { AttributeName: seat, KeyType: RANGE }]
      LocalSecondaryIndexes:
        - IndexName: byTime
          KeySchema: [{ AttributeName: room, KeyType: HASH }, { AttributeName: at, KeyType: RANGE }]
          Projection: { ProjectionType: ALL }
  Work:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: ''
      Layers: [!Ref Libraries]
      Environment: { Variables: { POOL: !GetAtt Users.ProviderURL } }
      Policies: [SNSCrudPolicy: { TopicName: news }]
  Guard: { Type: AWS::Serverless::Function, Properties: { InlineCode: '' } }
`;

describe('a template with a WebSocket API in the words of SAM', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    mkdirSync(join(directory.path, 'layer'));
  });
  afterEach(() => directory.remove());

  const load = (text: string, options: AssemblyOptions = {}): ApplicationModel => {
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, text);
    return loadAssembly(file, { port: 4000, ...options });
  };

  it('becomes an API with its routes, its stage and its authorizer, all of them permitted', () => {
    const [api] = load(TEMPLATE).webSocketApis;

    expect(api?.connectAuthorizer).toMatchObject({
      identitySources: ['route.request.querystring.token'],
      permitted: true,
    });
    expect(api?.stages).toMatchObject([
      {
        name: 'prod',
        variables: { town: 'Ulm' },
        routes: [
          { routeKey: '$connect', permitted: true, integrationTimeoutMs: 29_000 },
          { routeKey: 'sendMessage', permitted: true, integrationTimeoutMs: 1_500 },
        ],
      },
    ]);
  });

  it('names what is not here and begins nothing by itself, once for all of a kind', () => {
    const lines: string[] = [];
    const { functions } = load(TEMPLATE, { notice: (line) => void lines.push(line) });

    expect(lines).toEqual([
      'not here: ChatDomain, ChatApiMapping, Certificate: an API has its port here, and no domain of yours',
      expect.stringMatching(/^not here: Users, Client: users are not kept here/),
    ]);
    expect(functions[0]?.environment).toEqual({ POOL: 'Users.ProviderURL' });
  });

  it('has the directories of layers and the local indexes of tables', () => {
    const { functions, tables } = load(TEMPLATE);

    expect(functions[0]?.layers).toEqual([join(directory.path, 'layer')]);
    expect(tables[0]?.definition.indexes).toMatchObject([{ name: 'byTime', isLocal: true }]);
  });

  it.each([
    ['$connect: {', '$send: {', 'SAM takes letters and digits alone as the key of a route'],
    ['AuthType: CUSTOM', 'AuthType: JWT', 'the authorization type JWT is not supported'],
    ['!Ref Libraries', 'arn:aws:lambda:us-east-1:1:layer:other:3', 'a layer of another template'],
    ['StageName: prod', 'Colour: red', 'Colour: this property is not supported'],
  ])('is refused with %s as %s', (from, to, message) => {
    expect(() => load(TEMPLATE.replace(from, to))).toThrow(message);
  });

  it('asks for signed handshakes with AuthType: AWS_IAM', () => {
    const [api] = load(TEMPLATE.replace('AuthType: CUSTOM', 'AuthType: AWS_IAM')).webSocketApis;

    expect(api).toMatchObject({ isConnectSigned: true });
    expect(api).not.toHaveProperty('connectAuthorizer');
  });

  it('is refused without a route', () => {
    const text = TEMPLATE.replace(/Routes:[^]*?Certificate:/, 'Routes: {}\n  Certificate:');

    expect(() => load(text)).toThrow('a WebSocket API has at least one route');
  });
});
