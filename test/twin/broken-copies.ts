import { openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import type { RuntimeBench } from '../helpers/runtime-in-process.ts';
import { type AppCopy, asObject, removeGrant } from './app-copy.ts';

/** A copy of the application with one fault, and how AWS shows the fault. */
export interface BrokenCopy {
  readonly name: string;
  readonly breakIt: (copy: AppCopy) => void;
  /** Uses the application. Resolves to what a user, or the log, shows. Absent for one that does not start. */
  readonly use?: (bench: RuntimeBench) => Promise<string>;
  /** The sign of the fault on AWS: an answer, a line of the log, or the error of the deployment. */
  readonly shows: RegExp;
}

const FUNCTION = 'AWS::Lambda::Function';
const MAPPING = 'AWS::Lambda::EventSourceMapping';

const PUBLISH = { action: 'publish', topic: 'news', data: 'hello' };

/** Returns the answer to a frame, with the log. */
const answerTo =
  (frame: object) =>
  async ({ runtime, log }: RuntimeBench): Promise<string> => {
    const client = await openDialogue(runtime.url);
    client.say(JSON.stringify({ ...frame, id: 'the-frame' }));
    const answer = await client.hear((heard) => heard['id'] === 'the-frame' || 'connectionId' in heard);
    await client.close();
    return `${JSON.stringify(answer)}\n${log()}`;
  };

/** Publishes a message that nobody hears, and waits for what the log says about it. */
const logAfterPublish =
  (line: RegExp) =>
  async ({ runtime, log }: RuntimeBench): Promise<string> => {
    const client = await openDialogue(`${runtime.url}?topics=news`);
    await client.ask(PUBLISH);
    await eventually(() => line.test(log()), `the log shows ${line}`);
    const heard = client.heard.filter(({ type }) => type === 'message');
    await client.close();
    return `messages: ${heard.length}\n${log()}`;
  };

/** Publishes a message, waits until every record was handled, and says how many messages came. */
async function messagesAfterPublish({ runtime, failures }: RuntimeBench): Promise<string> {
  const client = await openDialogue(`${runtime.url}?topics=news`);
  await client.ask(PUBLISH);
  await client.ask({ action: 'ping' });
  await eventually(() => runtime.idle(), 'every record was handled');
  const heard = client.heard.filter(({ type }) => type === 'message');
  await client.close();
  return `messages: ${heard.length}, failures: ${(await failures()).length}`;
}

const environmentOf = (copy: AppCopy, logicalId: string) =>
  asObject(asObject(copy.resource(FUNCTION, logicalId)['Environment'])['Variables']);

/** The copies. Each has one fault that shows on AWS, and that an emulator of lesser truth would let pass. */
export const BROKEN_COPIES: readonly BrokenCopy[] = [
  {
    name: 'the grant of a write is missing',
    breakIt: (copy) => removeGrant(copy, 'FunctionsPublishRole', ['dynamodb:UpdateItem', 'TablesTopics']),
    use: answerTo(PUBLISH),
    shows: /"code":"unavailable"[^]*not authorized to perform: dynamodb:UpdateItem on resource: /,
  },
  {
    name: 'the grant names the table and not its index',
    breakIt: (copy) => removeGrant(copy, 'FunctionsBroadcastRole', ['dynamodb:Query', '/index/']),
    use: logAfterPublish(/dynamodb:Query on resource: \S+\/index\/byTopic because no identity-based policy/),
    shows: /^messages: 0/,
  },
  {
    name: 'the grant of @connections is missing',
    breakIt: (copy) => removeGrant(copy, 'FunctionsBroadcastRole', ['execute-api:ManageConnections', '/POST/']),
    use: logAfterPublish(/not authorized to perform: execute-api:ManageConnections on resource: \S+connectionId}/),
    shows: /^messages: 0/,
  },
  {
    name: 'the role of a mapping may not read its stream',
    breakIt: (copy) => removeGrant(copy, 'FunctionsBroadcastRole', ['dynamodb:GetRecords', 'StreamArn']),
    shows: /Cannot access stream .* Please ensure the role can perform the GetRecords, GetShardIterator/,
  },
  {
    name: 'a role does not trust Lambda',
    breakIt: (copy) => {
      const document = asObject(copy.resource('AWS::IAM::Role', 'FunctionsPublishRole')['AssumeRolePolicyDocument']);
      document['Statement'] = [
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } },
      ];
    },
    shows: /The role defined for the function cannot be assumed by Lambda/,
  },
  {
    name: 'API Gateway may not invoke a route’s function',
    breakIt: (copy) => copy.remove('AWS::Lambda::Permission', 'WebSocketApipublishRoute'),
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"/,
  },
  {
    name: 'a function returns no body, so its route answers nothing',
    breakIt: (copy) => {
      copy.replaceCode('FunctionsPublishF', 'export const handler = async () => ({ statusCode: 200 });');
    },
    use: async ({ runtime }) => {
      const client = await openDialogue(runtime.url);
      client.say(JSON.stringify({ ...PUBLISH, id: 'silent' }));
      const isPublish = ({ functionName }: { functionName: string }) => functionName.includes('Publish');
      const hasEnded = () => runtime.environments().some((each) => isPublish(each) && !each.busy);
      await eventually(hasEnded, 'the publish was handled');
      await client.ask({ action: 'ping' });
      await client.close();
      return `answers: ${client.heard.filter(({ id }) => id === 'silent').length}`;
    },
    shows: /^answers: 0$/,
  },
  {
    name: 'a handler takes longer than its timeout',
    breakIt: (copy) => {
      copy.resource(FUNCTION, 'FunctionsPublishF')['Timeout'] = 1;
      copy.replaceCode(
        'FunctionsPublishF',
        'export const handler = () => new Promise((done) => setTimeout(done, 30000));',
      );
    },
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*Task timed out after 1\.00 seconds/,
  },
  {
    name: 'a handler takes longer than the integration waits',
    breakIt: (copy) => {
      copy.resource('AWS::ApiGatewayV2::Integration', 'WebSocketApipublishRoute')['TimeoutInMillis'] = 300;
      copy.replaceCode(
        'FunctionsPublishF',
        'export const handler = () => new Promise((done) => setTimeout(done, 2000));',
      );
    },
    use: answerTo(PUBLISH),
    shows: /"message":"Endpoint request timed out"/,
  },
  {
    name: 'a promise is not awaited: the environment is frozen before it does anything',
    breakIt: (copy) => {
      copy.replaceCode(
        'FunctionsPublishF',
        `export const handler = async () => {
          setTimeout(() => console.log('the late write'), 50);
          return { statusCode: 200, body: JSON.stringify({ id: 'the-frame' }) };
        };`,
      );
    },
    use: async (bench) => {
      const first = await answerTo(PUBLISH)(bench);
      await answerTo({ action: 'ping' })(bench);
      const before = bench.log().includes('the late write');
      return `${first}\nwritten before the next invocation: ${before}`;
    },
    shows: /written before the next invocation: false$/,
  },
  {
    name: 'a promise of a handler never settles',
    breakIt: (copy) => copy.replaceCode('FunctionsPublishF', 'export const handler = () => new Promise(() => {});'),
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*Runtime\.NodeJsExit/,
  },
  {
    name: 'a handler with a callback, which Node.js 24 on Lambda does not call',
    breakIt: (copy) => {
      copy.replaceCode('FunctionsPublishF', 'export const handler = (event, context, callback) => callback(null, {});');
    },
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*Runtime\.CallbackHandlerDeprecated/,
  },
  {
    name: 'the handler’s name is wrong',
    breakIt: (copy) => void (copy.resource(FUNCTION, 'FunctionsPublishF')['Handler'] = 'index.handle'),
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*Runtime\.HandlerNotFound/,
  },
  {
    name: 'a variable of the environment is missing',
    breakIt: (copy) => void Reflect.deleteProperty(environmentOf(copy, 'FunctionsPublishF'), 'TOPICS_TABLE'),
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*TOPICS_TABLE/,
  },
  {
    name: 'a rejection that nobody handles ends the environment',
    breakIt: (copy) => {
      copy.replaceCode(
        'FunctionsPublishF',
        `export const handler = async () => {
          void Promise.reject(new Error('forgotten'));
          return { statusCode: 200 };
        };`,
      );
    },
    use: answerTo(PUBLISH),
    shows: /"message":"Internal server error"[^]*Runtime\.UnhandledPromiseRejection/,
  },
  {
    name: 'a filter without the type of its attribute never matches',
    breakIt: (copy) => {
      const pattern = JSON.stringify({ dynamodb: { NewImage: { seq: [{ exists: true }], topic: ['news'] } } });
      copy.resource(MAPPING, 'FunctionsBroadcastStream')['FilterCriteria'] = { Filters: [{ Pattern: pattern }] };
    },
    use: messagesAfterPublish,
    shows: /^messages: 0, failures: 0$/,
  },
  {
    name: 'a batch is answered with the identifier of no record of it',
    breakIt: (copy) => {
      copy.resource(MAPPING, 'FunctionsBroadcastStream')['MaximumRetryAttempts'] = 1;
      const code = `export const handler = async () => ({ batchItemFailures: [{ itemIdentifier: 'nobody' }] });`;
      copy.replaceCode('FunctionsBroadcastF', code);
    },
    use: messagesAfterPublish,
    shows: /^messages: 0, failures: 1$/,
  },
];
