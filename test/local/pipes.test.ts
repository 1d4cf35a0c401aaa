import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, type Resources, writeApp } from '../helpers/written-app.ts';

/** Logs what it gets, one line a message, with the name of the function. */
const LOG = (name: string): string =>
  `exports.handler = async (event) => console.log('${name} got ' + JSON.stringify(event));`;

const arnOf = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });

function roleOf(service: string, statements: readonly (readonly [string, unknown])[]): object {
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const Statement = statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource }));
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
    },
  };
}

const READ_STREAM = ['dynamodb:*', arnOf('Items', 'StreamArn')] as const;

/** Returns a pipe of the items that are wanted, and its role. */
function pipeTo(id: string, Target: unknown, grants: readonly (readonly [string, unknown])[]): Resources {
  const Pattern = JSON.stringify({ dynamodb: { NewImage: { kind: { S: ['wanted'] } } } });
  return {
    [id]: {
      Type: 'AWS::Pipes::Pipe',
      Properties: {
        RoleArn: arnOf(`${id}Role`),
        Source: arnOf('Items', 'StreamArn'),
        SourceParameters: {
          FilterCriteria: { Filters: [{ Pattern }] },
          DynamoDBStreamParameters: { StartingPosition: 'TRIM_HORIZON', BatchSize: 10 },
        },
        Target,
      },
    },
    [`${id}Role`]: roleOf('pipes.amazonaws.com', grants),
  };
}

/** Returns a queue whose messages a function logs. */
const readQueue = (id: string): Resources => ({
  [id]: { Type: 'AWS::SQS::Queue' },
  ...inlineFunction(`${id}Reader`, LOG(id)),
  [`${id}Mapping`]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf(id), FunctionName: { Ref: `${id}Reader` } },
  },
});

const ITEMS: Resources = {
  Items: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  },
};

const RESOURCES: Resources = {
  ...ITEMS,
  ...readQueue('Letters'),
  ...readQueue('Subscribed'),
  ...readQueue('Forbidden'),
  ...inlineFunction('Work', LOG('Work')),
  News: {
    Type: 'AWS::SNS::Topic',
    Properties: { Subscription: [{ Protocol: 'sqs', Endpoint: arnOf('Subscribed') }] },
  },
  ...pipeTo('ToQueue', arnOf('Letters'), [READ_STREAM, ['sqs:SendMessage', arnOf('Letters')]]),
  ...pipeTo('ToTopic', { Ref: 'News' }, [READ_STREAM, ['sns:Publish', { Ref: 'News' }]]),
  ...pipeTo('ToFunction', arnOf('Work'), [READ_STREAM, ['lambda:InvokeFunction', arnOf('Work')]]),
  ...pipeTo('Ungranted', arnOf('Forbidden'), [READ_STREAM, ['sqs:SendMessage', arnOf('Letters')]]),
};

/** Returns what functions logged that they got, by the name that they log. */
function gotten(bench: RuntimeBench, name: string): readonly string[] {
  return bench
    .log()
    .split('\n')
    .filter((line) => line.includes(`${name} got `))
    .map((line) => line.slice(line.indexOf(`${name} got `)));
}

describe('a pipe from the stream of a table', () => {
  const directory = temporaryDirectory();
  let bench: RuntimeBench;

  beforeAll(async () => {
    const Outputs = { Items: { Value: { Ref: 'Items' } } };
    bench = await startBench({}, { assembly: writeApp(directory.path, { App: { Resources: RESOURCES, Outputs } }) });
    const TableName = bench.output('Items');
    for (const [id, kind] of [
      ['1', 'wanted'],
      ['2', 'other'],
      ['3', 'wanted'],
    ] as const)
      await bench.dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, kind: { S: kind } } }));
    await bench.dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: '1' } } }));
  });

  afterAll(async () => {
    await bench.stop();
    directory.remove();
  });

  it.each([
    ['queue', 'Letters'],
    ['topic', 'Subscribed'],
  ])('sends each record that its filter takes to a %s, as a message of its own', async (_kind, name) => {
    await eventually(() => {
      const all = gotten(bench, name).join();
      expect(all).toMatch(/\\"id\\*":.*\\"1\\*"/);
      expect(all).toMatch(/\\"id\\*":.*\\"3\\*"/);
    });
    const all = gotten(bench, name).join();
    expect(all).not.toMatch(/\{\\*"S\\*":\\*"2\\*"\}/);
    expect(all).not.toContain('REMOVE');
    expect(all).toContain('aws:dynamodb');
  });

  it('invokes a function with a list of the records', async () => {
    await eventually(() => {
      const all = gotten(bench, 'Work').join();
      expect(all).toMatch(/^Work got \[\{"eventID":"[0-9a-f]{32}","eventName":"INSERT"/);
      expect(all).toMatch(/"Keys":\{"id":\{"S":"3"\}\}/);
    });
    expect(gotten(bench, 'Work').join()).not.toMatch(/"Keys":\{"id":\{"S":"2"\}\}/);
  });

  it('may do what its role may, and names what it may not', async () => {
    await eventually(() =>
      expect(bench.log()).toMatch(
        /assumed-role\/.*UngrantedRole\/\S+ is not authorized to perform: sqs:SendMessage on resource: \S+Forbidden/,
      ),
    );
    expect(gotten(bench, 'Forbidden')).toEqual([]);
  });
});

describe('a pipe', () => {
  const refusalOf = async (resources: Resources): Promise<string> => {
    const directory = temporaryDirectory();
    const assembly = writeApp(directory.path, { App: { Resources: { ...ITEMS, ...resources } } });
    const started = startBench({}, { assembly });
    const words = await started.then(
      (bench) => bench.stop().then(() => 'started'),
      (error: unknown) => String(error),
    );
    directory.remove();
    return words;
  };
  const queue: Resources = { Letters: { Type: 'AWS::SQS::Queue' } };

  it('whose role may not read the stream does not start', async () => {
    const words = await refusalOf({ ...queue, ...pipeTo('Blind', arnOf('Letters'), []) });

    expect(words).toMatch(/Blind: User: .* is not authorized to perform: dynamodb:DescribeStream on resource: /);
  });

  it('that may not take on its role does not start', async () => {
    const foreign = { StrangerRole: roleOf('lambda.amazonaws.com', [READ_STREAM]) };
    const words = await refusalOf({ ...queue, ...pipeTo('Stranger', arnOf('Letters'), [READ_STREAM]), ...foreign });

    expect(words).toMatch(
      /Stranger: EventBridge Pipes does not have permission to assume the provided role \S+App-StrangerRole/,
    );
  });

  it('to what is not here, or with what is not done, is refused by its property', async () => {
    const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/own';
    const pipe = pipeTo('Pipe', arnOf('Letters'), [READ_STREAM]);
    const changed = (more: object): Resources => ({
      ...pipe,
      Pipe: { ...pipe['Pipe'], Properties: { ...Object(pipe['Pipe']).Properties, ...more } },
    });
    const refusals = [
      await refusalOf({ ...queue, ...pipeTo('Pipe', bus, [READ_STREAM]) }),
      await refusalOf({ ...queue, ...changed({ Enrichment: bus }) }),
      await refusalOf({ ...queue, ...changed({ TargetParameters: { InputTemplate: '{}' } }) }),
      await refusalOf({ ...queue, ...changed({ Source: arnOf('Letters') }) }),
    ];

    expect(refusals).toEqual([
      expect.stringMatching(
        /Pipe\.Properties\.Target: a target other than .*event-bus\/own\) is not supported .*: --without Pipe leaves/,
      ),
      expect.stringMatching(/Pipe\.Properties\.Enrichment: this property is not supported/),
      expect.stringMatching(/Pipe\.Properties\.TargetParameters: this property is not supported/),
      expect.stringMatching(/Pipe\.Properties\.Source: an event source other than a stream/),
    ]);
  });
});
