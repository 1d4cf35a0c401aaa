import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** Orders go through a queue to a worker, which fails on what it is told to. What has failed goes to a second queue. */
const SHOP = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: nodejs24.x, Handler: index.handler, Timeout: 2 } }
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 2
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 1 }
  Dead: { Type: AWS::SQS::Queue }
  Lost: { Type: AWS::SQS::Queue }
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Order:
    Type: AWS::Serverless::Function
    Properties:
      Environment: { Variables: { QUEUE: !Ref Orders } }
      Policies: [SQSSendMessagePolicy: { QueueName: !GetAtt Orders.QueueName }]
      InlineCode: |
        const { SQSClient, SendMessageBatchCommand, ReceiveMessageCommand } = require('@aws-sdk/client-sqs');
        const client = new SQSClient();
        exports.handler = async ({ bodies, receive }) => {
          const QueueUrl = process.env.QUEUE;
          if (receive) return await client.send(new ReceiveMessageCommand({ QueueUrl })).catch((error) => error.message);
          const Entries = bodies.map((body, at) => ({ Id: String(at), MessageBody: JSON.stringify(body),
            MessageAttributes: { kind: { DataType: 'String', StringValue: 'order' } } }));
          return (await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful.length;
        };
  Work:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async ({ Records }) => {
          for (const record of Records) console.log('worked ' + JSON.stringify(record));
          const failed = Records.filter(({ body }) => body.includes('bad'));
          return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        };
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"body":{"item":[{"exists":true}]}}' }] }
  Bury:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async ({ Records }) => { for (const { body } of Records) console.log('buried ' + body); };
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Dead.Arn } } }
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => { throw new Error("no"); };'
      Policies: [SQSSendMessagePolicy: { QueueName: !GetAtt Lost.QueueName }]
      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt Lost.Arn }
      EventInvokeConfig: { MaximumRetryAttempts: 0 }
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: TRIM_HORIZON
            MaximumRetryAttempts: 0
            DestinationConfig: { OnFailure: { Destination: !GetAtt Lost.Arn } }
  Find:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async ({ Records }) => { for (const record of Records) console.log('found ' + record.body); };
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Lost.Arn } } }
`;

describe('an application with queues', () => {
  const directory = temporaryDirectory();
  const lines: string[] = [];
  let bench: Awaited<ReturnType<typeof startBench>>;
  let lambda: LambdaClient;

  beforeAll(async () => {
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, SHOP);
    const terminal = {
      info: () => undefined,
      warn: () => undefined,
      lambdaLog: (_function: string, _id: string | undefined, line: string) => void lines.push(line),
    };
    bench = await startBench({ terminal }, { assembly: file, tuning: { retryBaseMs: 10, retryCapMs: 20 } });
    lambda = new LambdaClient({
      endpoint: bench.runtime.endpoints.lambda,
      region: bench.runtime.application.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });

  afterAll(async () => {
    lambda.destroy();
    await bench.stop();
    directory.remove();
  });

  async function call(
    logicalId: string,
    event: object,
    InvocationType: 'RequestResponse' | 'Event' = 'RequestResponse',
  ) {
    const model = bench.runtime.application.functions.find((one) => one.logicalId === logicalId);
    const Payload = JSON.stringify(event);
    const answer = await lambda.send(new InvokeCommand({ FunctionName: model?.name, Payload, InvocationType }));
    const text = answer.Payload?.transformToString() ?? '';
    return text === '' ? undefined : JSON.parse(text);
  }

  const said = (text: string): readonly string[] => lines.filter((line) => line.includes(text));

  test('hands messages on to the function that reads the queue, in the form of the service', async () => {
    await expect(call('Order', { bodies: [{ item: 'tea' }] })).resolves.toBe(1);
    await eventually(() => said('tea').length === 1);

    const [line = ''] = said('tea');
    expect(JSON.parse(line.slice(line.indexOf('{')))).toMatchObject({
      body: '{"item":"tea"}',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
      messageAttributes: {
        kind: { stringValue: 'order', stringListValues: [], binaryListValues: [], dataType: 'String' },
      },
      eventSource: 'aws:sqs',
      eventSourceARN: bench.runtime.application.queues[0]?.arn,
      awsRegion: 'us-east-1',
    });
  });

  test('tries what has failed again, and moves it to the dead-letter queue', async () => {
    await call('Order', { bodies: [{ item: 'bad' }, { item: 'good' }] });

    await eventually(() => said('buried ').length === 1);
    expect(said('buried ')[0]).toContain('bad');
    expect(said('worked ').filter((line) => line.includes('"good\\"'))).toHaveLength(1);
    expect(said('worked ').filter((line) => line.includes('"bad\\"'))).toHaveLength(1);
  });

  test('never hands on what its filter holds back', async () => {
    await call('Order', { bodies: [{ other: 'x' }, { item: 'last' }] });

    await eventually(() => said('last').length === 1);
    await eventually(() => bench.runtime.idle());
    expect(said('other')).toEqual([]);
  });

  test('refuses what its policies do not permit', async () => {
    await expect(call('Order', { receive: true })).resolves.toMatch(
      /^User: arn:aws:sts::.* is not authorized to perform: sqs:ReceiveMessage on resource: arn:aws:sqs:/,
    );
  });

  test('puts what a stream’s function gave up into the queue of its destination, without the payload', async () => {
    const model = bench.runtime.application.tables[0];
    const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
    await bench.dynamodb.send(new PutItemCommand({ TableName: model?.name, Item: { id: { S: 'a' } } }));

    await eventually(() => said('found ').length === 1);
    const [line = ''] = said('found ');
    expect(JSON.parse(line.slice(line.indexOf('{')))).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: model?.streamArn },
    });
    expect(line).not.toContain('payload');
  });

  test('puts an asynchronous event that is given up into the dead-letter queue, as it was', async () => {
    await call('Reader', { order: 7 }, 'Event');

    await eventually(() => said('found {"order":7}').length === 1);
  });
});
