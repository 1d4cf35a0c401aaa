import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** An API without a proxy: it writes its connections itself, and its messages go to a queue, a function and nowhere. */
const DESK = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: nodejs24.x, Handler: index.handler } }
Resources:
  Visitors: { Type: AWS::Serverless::SimpleTable, Properties: { TableName: visitors } }
  Letters: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: apigateway.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: desk
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: [dynamodb:PutItem, dynamodb:DeleteItem], Resource: !GetAtt Visitors.Arn }
              - { Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Letters.Arn }
              - { Effect: Allow, Action: sns:Publish, Resource: !Ref News }
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: desk, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, StageName: live, AutoDeploy: true, StageVariables: { town: Ulm } }
  Enter:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationMethod: POST
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:dynamodb:action/PutItem'
      CredentialsArn: !GetAtt Role.Arn
      TemplateSelectionExpression: \\$default
      RequestTemplates:
        $default: |
          #set($until = $context.requestTimeEpoch / 1000 + 60)
          {"TableName": "visitors", "Item": {"id": {"S": "$context.connectionId"}, "until": {"N": "$until"},
            "name": {"S": "$input.params('name')"}, "town": {"S": "$stageVariables.town"}}}
  Leave:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationMethod: POST
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:dynamodb:action/DeleteItem'
      CredentialsArn: !GetAtt Role.Arn
      RequestTemplates: { $default: '{"TableName": "visitors", "Key": {"id": {"S": "$context.connectionId"}}}' }
  Read:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:dynamodb:action/GetItem'
      CredentialsArn: !GetAtt Role.Arn
      RequestTemplates: { $default: '{"TableName": "visitors", "Key": {"id": {"S": "$context.connectionId"}}}' }
  Post:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:sqs:path/\${AWS::AccountId}/\${Letters.QueueName}'
      CredentialsArn: !GetAtt Role.Arn
      PassthroughBehavior: NEVER
      RequestTemplates:
        $default: Action=SendMessage&MessageGroupId=desk&MessageDeduplicationId=$context.requestId&MessageAttribute.1.Name=from&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=$context.connectionId&MessageBody=$util.urlEncode($input.json('$.letter'))
  Ask:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Answer.Arn}/invocations'
      RequestTemplates:
        $default: |
          #set($question = $util.escapeJavaScript($input.path('$.question')).replaceAll("\\\\'", "'"))
          {"who": "$context.connectionId", "question": "$question"}
  AskResponse:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Api
      IntegrationId: !Ref Ask
      IntegrationResponseKey: /200/
      TemplateSelectionExpression: \\$default
      ResponseTemplates: { $default: '{"said": $input.json("$.answer")}' }
  Nothing:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: MOCK
      TemplateSelectionExpression: '200'
      RequestTemplates: { '200': '{"statusCode": 418}' }
  NothingResponse:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Api
      IntegrationId: !Ref Nothing
      IntegrationResponseKey: /4\\d\\d/
      ResponseTemplates: { $default: '{"tea": "$context.stage"}' }
  News: { Type: AWS::SNS::Topic }
  Reader:
    Type: AWS::SNS::Subscription
    Properties: { TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Copies.Arn, RawMessageDelivery: true }
  Copies: { Type: AWS::SQS::Queue }
  Tell:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:sns:action/Publish'
      CredentialsArn: !GetAtt Role.Arn
      RequestTemplates:
        $default: !Sub Action=Publish&TopicArn=$util.urlEncode('\${News}')&Message=$util.urlEncode($input.path('$.news'))
  Telling: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: tell, Target: !Sub 'integrations/\${Tell}' } }
  Copy:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: "exports.handler = async ({ Records: [{ body }] }) => console.log('copied ' + body);"
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Copies.Arn } } }
  Connect: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: $connect, Target: !Sub 'integrations/\${Enter}' } }
  Disconnect: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: $disconnect, Target: !Sub 'integrations/\${Leave}' } }
  Reading: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: read, Target: !Sub 'integrations/\${Read}' } }
  Posting:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: post
      Target: !Sub 'integrations/\${Post}'
      ModelSelectionExpression: $request.body.action
      RequestModels: { post: Letter }
  Letter:
    Type: AWS::ApiGatewayV2::Model
    Properties:
      ApiId: !Ref Api
      Name: Letter
      ContentType: application/json
      Schema: { $schema: 'http://json-schema.org/draft-04/schema#', type: object, required: [letter], properties: { letter: { type: string } } }
  Asking:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: ask, RouteResponseSelectionExpression: $default, Target: !Sub 'integrations/\${Ask}' }
  AskingResponse: { Type: AWS::ApiGatewayV2::RouteResponse, Properties: { ApiId: !Ref Api, RouteId: !Ref Asking, RouteResponseKey: $default } }
  Mocking:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: mock, RouteResponseSelectionExpression: $default, Target: !Sub 'integrations/\${Nothing}' }
  MockingResponse: { Type: AWS::ApiGatewayV2::RouteResponse, Properties: { ApiId: !Ref Api, RouteId: !Ref Mocking, RouteResponseKey: $default } }
  Answer: { Type: AWS::Serverless::Function, Properties: { InlineCode: 'exports.handler = async (event) => ({ answer: { event } });' } }
  AnswerPermission:
    Type: AWS::Lambda::Permission
    Properties: { Action: lambda:InvokeFunction, FunctionName: !Ref Answer, Principal: apigateway.amazonaws.com }
  Deliver:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async ({ Records: [{ body, messageAttributes }] }) =>
          console.log('delivered ' + body + ' of ' + messageAttributes.from.stringValue);
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Letters.Arn, BatchSize: 1 } } }
`;

describe('an API with integrations that are no proxies', () => {
  const directory = temporaryDirectory();
  let bench: Awaited<ReturnType<typeof startBench>>;
  beforeAll(async () => {
    const template = join(directory.path, 'template.yaml');
    writeFileSync(template, DESK);
    bench = await startBench({}, { assembly: template });
  });
  afterAll(async () => {
    await bench.stop();
    directory.remove();
  });

  const visitors = async () => (await bench.dynamodb.send(new ScanCommand({ TableName: 'visitors' }))).Items ?? [];

  it('writes its connections to a table when they begin, and deletes them when they end', async () => {
    const client = await openDialogue(`${bench.runtime.url}?name=Ada`);
    const [visitor] = await visitors();
    await client.close();

    expect(visitor).toMatchObject({
      name: { S: 'Ada' },
      town: { S: 'Ulm' },
      until: { N: expect.stringMatching(/^\d+$/) },
    });
    await eventually(async () => expect(await visitors()).toEqual([]), 'the visitor has gone');
  });

  it('sends a message to a queue, and refuses one that does not match its model', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'post', letter: 7 });
    const refused = await client.hear((frame) => 'messageId' in frame);
    client.say({ action: 'post', letter: 'Dear & all' });

    expect(refused).toEqual({
      message: 'Bad request body',
      connectionId: expect.any(String),
      messageId: expect.any(String),
    });
    await eventually(
      () => expect(bench.log()).toContain(`delivered "Dear & all" of ${String(refused['connectionId'])}`),
      'the letter is delivered',
    );
    await client.close();
  });

  it('publishes a message to a topic, whose queue receives it', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'tell', news: 'tea & cake' });

    await eventually(() => expect(bench.log()).toContain('copied tea & cake'), 'the copy has arrived');
    await client.close();
  });

  it('gives a function what the template makes, and the client what the response makes of its result', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'ask', question: `it's "so"` });
    const answer = await client.hear((frame) => 'said' in frame);
    await client.close();

    expect(answer).toEqual({ said: { event: { who: expect.any(String), question: `it's "so"` } } });
  });

  it('answers by a mock', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'mock' });

    await expect(client.hear((frame) => 'tea' in frame)).resolves.toEqual({ tea: 'live' });
    await client.close();
  });

  it('is refused what the role of the integration may not do', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'read' });
    const answer = await client.hear((frame) => 'message' in frame);
    await client.close();

    expect(answer['message']).toBe('Internal server error');
    expect(bench.log()).toMatch(
      /BackplaneAssumeRoleSession is not authorized to perform: dynamodb:GetItem on resource: \S+visitors because/,
    );
  });
});
