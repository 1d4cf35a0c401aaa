import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Access } from '../../../../local/iam/evaluate.ts';
import { createCallService } from '../../../../local/integrations/call-service.ts';
import type { ServiceCall } from '../../../../local/integrations/run-templated.ts';
import type { ApplicationModel, InvocationResult } from '../../../../local/model.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:news';

const APPLICATION: ApplicationModel = {
  accountId: '000000000000',
  region: 'us-east-1',
  functions: [],
  functionUrls: [],
  roles: [],
  tables: [],
  mappings: [],
  buckets: [],
  queues: [],
  queueMappings: [],
  topics: [],
  pipes: [],
  webSocketApis: [],
  outputs: {},
};

describe('a call of a service by an integration', () => {
  const server = createServer((request, response) => {
    void text(request).then((body) => received.push(body) && response.end('{}'));
  });
  let endpoint: string;
  let received: string[];
  let judged: Access[];
  let signals: (AbortSignal | undefined)[];
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    [received, judged, signals] = [[], [], []];
  });

  const call = (given: Partial<ServiceCall>, result?: InvocationResult) => {
    const serve = createCallService({
      application: APPLICATION,
      endpoints: { dynamodb: endpoint, sqs: endpoint },
      access: {
        judgeRole: async (_role, accesses) => {
          judged.push(...accesses);
          return accesses.some(({ resource }) => resource.endsWith('forbidden')) ? { message: 'denied' } : undefined;
        },
      },
      invoke: async (_arn, _event, options) => {
        signals.push(options?.signal);
        return result ?? { outcome: 'success', requestId: 'r', payload: 1 };
      },
    });
    return serve({
      target: { kind: 'sns' },
      roleArn: 'role',
      caller: 'apigateway.amazonaws.com',
      body: '',
      source: 'c',
      ...given,
    });
  };

  it.each(['CreateTopic', 'Subscribe', 'PublishBatch'])('fails as the action %s of a topic', async (action) => {
    const body = `Action=${action}&TopicArn=${TOPIC}`;

    await expect(call({ body })).rejects.toThrow(`the action ${action} is not supported`);
    expect(received).toEqual([]);
  });

  it.each(['DeleteMessage', 'SendMessageBatch', ''])('fails as the action "%s" of a queue', async (action) => {
    const target = { kind: 'sqs', queueName: 'q' } as const;

    await expect(call({ target, body: `Action=${action}&MessageBody=a` })).rejects.toThrow('is not supported');
    expect(received).toEqual([]);
  });

  it('publishes to the topic that was judged, and to none that is named after it', async () => {
    await call({ body: `TopicArn=${TOPIC}&Message=a&TopicArn=forbidden&Action=Publish&Action=DeleteTopic` });

    expect(judged).toMatchObject([{ action: 'sns:Publish', resource: TOPIC }]);
    expect(Object.fromEntries(new URLSearchParams(received[0]))).toEqual({
      Action: 'Publish',
      TopicArn: TOPIC,
      Message: 'a',
    });
  });

  it('invokes a function in the name of a role only if the role may do so', async () => {
    const target = { kind: 'lambda', functionArn: FUNCTION } as const;
    const denied = { kind: 'lambda', functionArn: `${FUNCTION}-forbidden` } as const;

    expect(await call({ target })).toEqual({ status: 200, body: '1' });
    expect(judged).toMatchObject([{ action: 'lambda:InvokeFunction', resource: FUNCTION }]);
    expect((await call({ target: denied })).status).toBe(403);
    expect(signals).toHaveLength(1);
  });

  it('invokes a function by a permission where there is no role', async () => {
    await call({ target: { kind: 'lambda', functionArn: FUNCTION }, roleArn: undefined });

    expect(judged).toEqual([]);
    expect(signals).toHaveLength(1);
  });

  it('does not begin an invocation after the timeout, and tells a throttle from a failure', async () => {
    const { signal } = new AbortController();
    const throttled: InvocationResult = {
      outcome: 'service-error',
      requestId: 'r',
      errorMessage: 'too many',
      isThrottled: true,
    };
    const target = { kind: 'lambda', functionArn: FUNCTION } as const;

    expect((await call({ target, signal }, throttled)).status).toBe(429);
    expect(signals).toEqual([signal]);
  });
});
