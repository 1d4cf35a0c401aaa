import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const TEMPLATE = `
Resources:
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action } }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: live, AutoDeploy: true } }
  Mock:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: MOCK
      TemplateSelectionExpression: \\$default
      RequestParameters: { integration.request.header.Content-Type: "'application/json'" }
  Response: { Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: { ApiId: !Ref Api, IntegrationId: !Ref Mock, IntegrationResponseKey: /2../ } }
  Route: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: a, Target: !Sub 'integrations/\${Mock}' } }
  News: { Type: AWS::SNS::Topic, Properties: { DisplayName: news } }
  Letters: { Type: AWS::SQS::Queue }
  Reader: { Type: AWS::SNS::Subscription, Properties: { TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Letters.Arn } }
  Place: { Type: AWS::EC2::VPC }
  Secret: { Type: AWS::SecretsManager::Secret }
`;

describe('a template with an integration, a topic and what stands around them', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const load = (text: string) => {
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, text);
    return loadAssembly(file, { port: 4000 });
  };

  it('is read', () => {
    expect(load(TEMPLATE).topics).toMatchObject([{ subscriptions: [{ attributes: {} }] }]);
  });

  it.each([
    ['\\$default', '$context.routeKey', 'the selection expression $context.routeKey is not supported'],
    ['header.Content-Type', 'header.X-Amz-Invocation-Type', 'integration.request.header.X-Amz-Invocation-Type'],
    ['header.Content-Type', 'querystring.MessageBody', 'integration.request.querystring.MessageBody'],
    ['/2../', '200', 'is neither $default nor a regular expression between slashes'],
    ['/2../', '/2(/', 'is neither $default nor a regular expression between slashes'],
    ['DisplayName: news', 'FifoTopic: true', 'FifoTopic'],
    ['Protocol: sqs', 'Protocol: sqs, RedrivePolicy: {}', 'RedrivePolicy'],
    ['Protocol: sqs', 'Protocol: lambda', 'a subscription by lambda is not supported'],
    ['Protocol: sqs', 'Protocol: firehose', 'a subscription by firehose is not supported'],
    ['!GetAtt Letters.Arn', 'arn:aws:sqs:eu-west-1:1:other', 'a queue that is not of this template is not supported'],
    ['EC2::VPC', 'EC2::Instance', 'the resource type AWS::EC2::Instance is not supported'],
    ['EC2::VPC', 'IoT::TopicRule', 'the resource type AWS::IoT::TopicRule is not supported'],
    ['SecretsManager::Secret', 'SecretsManager::RotationSchedule', 'RotationSchedule is not supported'],
  ])('is refused with %s as %s', (from, to, message) => {
    expect(() => load(TEMPLATE.replace(from, () => to))).toThrow(message);
  });
});
