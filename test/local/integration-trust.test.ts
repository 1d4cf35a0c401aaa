import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDialogue } from '../helpers/dialogue.ts';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** An integration whose role Lambda may take on, and API Gateway may not, although the role may do everything. */
const APP = `
Resources:
  Visitors:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: visitors
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Stranger:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess]
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: desk, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: live, AutoDeploy: true } }
  Read:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:dynamodb:action/GetItem'
      CredentialsArn: !GetAtt Stranger.Arn
      RequestTemplates: { $default: '{"TableName": "visitors", "Key": {"id": {"S": "1"}}}' }
  Reading:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: read, Target: !Sub 'integrations/\${Read}' }
`;

describe('an integration', () => {
  const directory = temporaryDirectory();
  let bench: Awaited<ReturnType<typeof startBench>>;

  beforeAll(async () => {
    const assembly = join(directory.path, 'template.yaml');
    writeFileSync(assembly, APP);
    bench = await startBench({}, { assembly });
  });

  afterAll(async () => {
    await bench.stop();
    directory.remove();
  });

  it('fails where API Gateway may not take on its role', async () => {
    const client = await openDialogue(bench.runtime.url);
    client.say({ action: 'read' });
    const answer = await client.hear((frame) => 'message' in frame);
    await client.close();

    expect(answer['message']).toBe('Internal server error');
    expect(bench.log()).toMatch(/API Gateway does not have permission to assume the provided role \S+Stranger/);
  });
});
