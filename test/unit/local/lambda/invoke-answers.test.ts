import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { createEventInvocations } from '../../../../local/lambda/event-invocations.ts';
import { type InvokeApi, startInvokeApi } from '../../../../local/lambda/invoke-api.ts';
import type { LambdaLimits } from '../../../../local/lambda/lambda-limits.ts';
import type { FunctionModel } from '../../../../local/model.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { LambdaFixture, type StartedPool } from './lambda-fixture.ts';

describe('an answer of Invoke', () => {
  const fixture = new LambdaFixture();
  const opened: { readonly api: InvokeApi; readonly client: LambdaClient }[] = [];

  afterAll(async () => {
    for (const { api, client } of opened) {
      client.destroy();
      await api.close();
    }
    await fixture.dispose();
  });

  async function serve(functions: readonly FunctionModel[], limits: Partial<LambdaLimits> = {}) {
    const pool: StartedPool = fixture.pool(functions, { limits });
    const { invokeJson } = pool;
    const quick = { functions, limits: { eventRetryMs: 5, ...limits } };
    const events = createEventInvocations(quick, { invokeJson, terminal: { warn: () => undefined }, now: Date.now });
    const logOf = (_name: string, id: string) =>
      pool.lines.flatMap(({ requestId, line }) => (requestId === id ? [line] : []));
    const api = await startInvokeApi({ functions, limits }, { invokeJson, submitEvent: events.submit, logOf });
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new LambdaClient({ endpoint: api.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
    opened.push({ api, client });
    const call = (input: Partial<InvokeCommandInput> = {}) =>
      client.send(new InvokeCommand({ FunctionName: functions[0]?.name, Payload: '{}', ...input }));
    return { call, pool };
  }

  it('names a function that is not here by its ARN, in the member that the model has', async () => {
    const { call } = await serve([fixture.fn('export const handler = async () => 1;')]);

    await expect(call({ FunctionName: 'other', Qualifier: 'live' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      Type: 'User',
      message: 'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:other:live',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('says why it throttles', async () => {
    const fn = fixture.fn('export const handler = async () => 1;');
    const { call } = await serve([fn], { waitingEvents: 0 });

    await expect(call({ InvocationType: 'Event' })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Type: 'User',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      message: 'Rate Exceeded.',
    });
  });

  it('has the end of the log, if the caller asks for it', async () => {
    const { call } = await serve([
      fixture.fn('export const handler = async () => { console.log("seen"); return 1; };'),
    ]);

    const [asked, silent] = [await call({ LogType: 'Tail' }), await call()];

    const log = Buffer.from(asked.LogResult ?? '', 'base64').toString();
    expect(log).toMatch(
      /^START RequestId: (\S+) Version: \$LATEST\n.*\tINFO\tseen\nEND RequestId: \1\nREPORT RequestId: \1\t/,
    );
    expect(log).toContain('Memory Size: 256 MB');
    expect(silent.LogResult).toBeUndefined();
  });

  it('gives the function the client context of its caller, and refuses one that is none', async () => {
    const { call } = await serve([
      fixture.fn('export const handler = async (_, context) => context.clientContext ?? null;'),
    ]);
    const context = Buffer.from('{"custom":{"a":"b"}}').toString('base64');

    expect((await call({ ClientContext: context })).Payload?.transformToString()).toBe('{"custom":{"a":"b"}}');
    expect((await call()).Payload?.transformToString()).toBe('null');
    await expect(call({ ClientContext: 'e30x' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('tells a timeout in the words of 2025', async () => {
    const { call } = await serve([
      fixture.fn('export const handler = () => new Promise((r) => setTimeout(r, 60_000));', { timeoutSeconds: 1 }),
    ]);

    const { FunctionError, Payload } = await call();

    expect(FunctionError).toBe('Unhandled');
    expect(JSON.parse(Payload?.transformToString() ?? '')).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [\da-f-]{36} Error: Task timed out after 1\.00 seconds$/),
    });
  });

  it('to an event has the id by which the function sees it, at each attempt', async () => {
    const { call, pool } = await serve([
      fixture.fn(
        'export const handler = async (_, { awsRequestId }) => { console.log("id " + awsRequestId); throw 1; };',
      ),
    ]);

    const { $metadata } = await call({ InvocationType: 'Event' });
    const seen = () =>
      pool.lines.filter(({ line }) => line.includes('id ')).map(({ line }) => line.split('id ').at(-1));
    await eventually(() => seen().length === 3);

    expect(new Set(seen())).toEqual(new Set([$metadata.requestId]));
  });
});
