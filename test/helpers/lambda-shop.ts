import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBench } from './runtime-in-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A table and a queue with a function each, one with an alias, and a function that asks Lambda itself. */
const SHOP = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: nodejs24.x, Handler: index.handler, Timeout: 5 } }
Resources:
  Orders: { Type: AWS::SQS::Queue }
  Lost: { Type: AWS::S3::Bucket }
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Read:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { COLOR: blue } }
      AutoPublishAlias: live
      Policies: [S3CrudPolicy: { BucketName: !Ref Lost }]
      InlineCode: |
        exports.handler = async ({ Records }) => {
          for (const { dynamodb } of Records) console.log('read ' + dynamodb.Keys.id.S);
          if (Records.some(({ dynamodb }) => dynamodb.Keys.id.S === 'bad')) throw new Error('bad');
        };
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: LATEST
            BatchSize: 7
            MaximumRetryAttempts: 1
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
            DestinationConfig: { OnFailure: { Type: S3, Destination: !GetAtt Lost.Arn } }
  Work:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async ({ Records }) => { for (const { body } of Records) console.log('worked ' + body); };
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn } } }
  Ask:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { QUEUE: !Ref Orders, READ: !Ref Read, WORK: !Ref Work } }
      Policies:
        - SQSSendMessagePolicy: { QueueName: !GetAtt Orders.QueueName }
        - Version: '2012-10-17'
          Statement:
            - { Effect: Allow, Action: [lambda:GetFunction, lambda:InvokeFunction], Resource: !GetAtt Work.Arn }
            - Effect: Allow
              Action: lambda:UpdateEventSourceMapping
              Resource: '*'
              Condition: { ArnLike: { lambda:FunctionArn: !GetAtt Work.Arn } }
      InlineCode: |
        const lambda = require('@aws-sdk/client-lambda');
        const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
        exports.handler = async ({ command, input, body }) => {
          const QueueUrl = process.env.QUEUE;
          if (body) return (await new SQSClient().send(new SendMessageCommand({ QueueUrl, MessageBody: body }))).MessageId;
          return await new lambda.LambdaClient().send(new lambda[command](input)).then(
            () => 'done', (error) => error.name + ' ' + error.message);
        };
`;

/** Starts the shop, with a client of Lambda and a record of what its functions log. */
export async function openLambdaShop() {
  const directory = temporaryDirectory();
  const lines: string[] = [];
  const assembly = join(directory.path, 'template.yaml');
  writeFileSync(assembly, SHOP);
  const terminal = {
    info: () => undefined,
    warn: () => undefined,
    lambdaLog: (_function: string, _id: string | undefined, line: string) => void lines.push(line),
  };
  const bench = await startBench({ terminal }, { assembly, tuning: { retryBaseMs: 10, retryCapMs: 20 } });
  const { application, endpoints } = bench.runtime;
  const lambda = new LambdaClient({
    endpoint: endpoints.lambda,
    region: application.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const functionOf = (logicalId: string) =>
    application.functions.find((one) => one.logicalId === logicalId) ?? { name: '', arn: '' };
  return {
    bench,
    application,
    lambda,
    functionOf,
    said: (text: string): readonly string[] => lines.filter((line) => line.includes(text)),
    /** Lets the function that asks Lambda do so, or send a message to the queue. */
    ask: async (event: object): Promise<string> => {
      const Payload = JSON.stringify(event);
      const answer = await lambda.send(new InvokeCommand({ FunctionName: functionOf('Ask').name, Payload }));
      return JSON.parse(answer.Payload?.transformToString() ?? '');
    },
    put: (id: string) =>
      bench.dynamodb.send(new PutItemCommand({ TableName: application.tables[0]?.name, Item: { id: { S: id } } })),
    /** The mapping of a function. */
    mappingOf: async (logicalId: string) => {
      const FunctionName = functionOf(logicalId).name;
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
      return EventSourceMappings[0] ?? {};
    },
    update: (changes: UpdateEventSourceMappingCommandInput) =>
      lambda.send(new UpdateEventSourceMappingCommand(changes)),
    close: async () => {
      lambda.destroy();
      await bench.stop();
      directory.remove();
    },
  };
}
