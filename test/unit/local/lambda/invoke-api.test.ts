import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type InvokeApi, startInvokeApi } from '../../../../local/lambda/invoke-api.ts';
import type { LambdaLimits } from '../../../../local/lambda/lambda-limits.ts';
import type { FunctionModel } from '../../../../local/model.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { sendRaw } from '../raw-request.ts';
import { GATED_HANDLER, LambdaFixture, type StartedPool } from './lambda-fixture.ts';

const ECHO = 'export const handler = async (event) => ({ got: event });';

describe('The Invoke API', () => {
  let fixture: LambdaFixture;
  let api: InvokeApi | undefined;
  let client: LambdaClient;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    client.destroy();
    await api?.close();
    await fixture.dispose();
  });

  async function serve(functions: readonly FunctionModel[], limits: Partial<LambdaLimits> = {}): Promise<StartedPool> {
    const pool = fixture.pool(functions, { limits });
    api = await startInvokeApi({ functions, limits }, { invokeJson: pool.invokeJson });
    client = new LambdaClient({
      endpoint: api.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    return pool;
  }

  const invoke = (FunctionName: string, event: unknown = {}, more: { readonly Qualifier?: string } = {}) =>
    client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more }));

  const raw = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${api?.endpoint}/2015-03-31/functions/${path}/invocations`, {
      method: 'POST',
      headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      ...init,
    });

  it('gives the payload to the function and its result back, with the version that ran', async () => {
    const fn = fixture.fn(ECHO);
    await serve([fn]);

    const answer = await invoke(fn.name, { text: 'é' });

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload?.transformToString()).toBe('{"got":{"text":"é"}}');
    expect(answer.$metadata.requestId).toMatch(/^[\da-f-]{36}$/);
  });

  it.each([
    ['its name', (fn: FunctionModel) => fn.name],
    ['its ARN', (fn: FunctionModel) => fn.arn],
    ['the end of its ARN', (fn: FunctionModel) => `123456789012:function:${fn.name}`],
    ['its ARN with the version', (fn: FunctionModel) => `${fn.arn}:$LATEST`],
  ])('finds a function by %s', async (_what, referenceOf) => {
    const fn = fixture.fn(ECHO);
    await serve([fn, fixture.fn('export const handler = async () => "another"')]);

    const answer = await invoke(referenceOf(fn), 1);

    expect(answer.Payload?.transformToString()).toBe('{"got":1}');
  });

  it.each([
    ['of another origin', { origin: 'https://example.com' }],
    ['that came by DNS rebinding', { host: 'evil.example' }],
  ])('runs nothing for a web page %s', async (_what, headers) => {
    const fn = fixture.fn(ECHO);
    await serve([fn]);

    const answer = await sendRaw(`${api?.endpoint}/2015-03-31/functions/${fn.name}/invocations`, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x', ...headers },
      body: '{}',
    });

    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } });
  });

  it('answers an error where the code of a function is no longer there, and goes on', async () => {
    const fn = fixture.fn(ECHO);
    await serve([{ ...fn, codeDirectory: `${fn.codeDirectory}-removed` }, fixture.fn(ECHO)]);
    const get = () => client.send(new GetFunctionCommand({ FunctionName: fn.name }));

    await expect(get()).rejects.toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } });
    await expect(get()).rejects.toMatchObject({ name: 'ServiceException' });
  });

  it('takes nothing at all for an empty event', async () => {
    const fn = fixture.fn(ECHO);
    await serve([fn]);

    const answer = await client.send(new InvokeCommand({ FunctionName: fn.name }));

    expect(answer.Payload?.transformToString()).toBe('{"got":{}}');
  });

  it('answers a function that throws with 200, the error, and the header that says so', async () => {
    const fn = fixture.fn('export const handler = async () => { throw new RangeError("too far"); };');
    await serve([fn]);

    const answer = await invoke(fn.name);

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' });
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({
      errorType: 'RangeError',
      errorMessage: 'too far',
      trace: expect.arrayContaining(['RangeError: too far']),
    });
  });

  it('answers a function that ends its process in the same way, without a trace', async () => {
    const fn = fixture.fn('export const handler = async () => process.exit(3);');
    await serve([fn]);

    const answer = await invoke(fn.name);

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
  });

  it('knows neither other functions nor other versions', async () => {
    const fn = fixture.fn(ECHO);
    await serve([fn]);

    const unknown = await invoke('missing').catch((error: unknown) => error);
    const version = await invoke(fn.name, {}, { Qualifier: '7' }).catch((error: unknown) => error);
    const malformed = await raw('100%25%');

    expect(unknown).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:missing',
      $metadata: { httpStatusCode: 404 },
    });
    expect(version).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(malformed.status).toBe(404);
  });

  it('takes 6 MB each way and no more', async () => {
    const fn = fixture.fn('export const handler = async ({ size, pad }) => "x".repeat(size ?? pad.length);');
    await serve([fn]);
    const most = 6_291_456;
    const padded = (bytes: number) => ({ pad: 'x'.repeat(bytes - '{"pad":""}'.length) });

    const fits = await invoke(fn.name, padded(most));
    const tooLarge = await invoke(fn.name, padded(most + 1)).catch((error: unknown) => error);
    const tooLong = await invoke(fn.name, { size: most + 100 });

    expect(fits.FunctionError).toBeUndefined();
    expect(fits.Payload).toHaveLength(most - '{"pad":""}'.length + 2);
    expect(tooLarge).toMatchObject({ name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } });
    expect(tooLong.FunctionError).toBe('Unhandled');
    expect(tooLong.Payload?.transformToString()).toContain('"errorType":"Function.ResponseSizeTooLarge"');
  });

  it('throttles when as much runs and waits as may', async () => {
    const fn = fixture.fn(GATED_HANDLER);
    const gate = fixture.gate();
    const pool = await serve([fn], { concurrencyPerFunction: 1, queueLength: 1 });

    const running = invoke(fn.name, { name: 'running', gate: gate.file });
    await pool.waitForLines('started running', 1);
    const refusals: unknown[] = [];
    const more = [1, 2, 3].map(() =>
      invoke(fn.name, { name: 'more', gate: gate.file }).catch((error: unknown) => void refusals.push(error)),
    );
    await eventually(() => expect(refusals).toHaveLength(2));
    gate.open();
    const answers = await Promise.all([running, ...more]);

    const throttled = expect.objectContaining({
      name: 'TooManyRequestsException',
      $metadata: expect.objectContaining({ httpStatusCode: 429 }),
    });
    expect(refusals).toEqual([throttled, throttled]);
    expect(answers.filter((answer) => answer?.StatusCode === 200)).toHaveLength(2);
  });

  it('refuses what is unsigned, no JSON, of an unknown type, or no invocation', async () => {
    const fn = fixture.fn(ECHO);
    await serve([fn]);
    const headers = { Authorization: 'AWS4-HMAC-SHA256 Credential=x' };

    const answers = [
      await raw(fn.name, { headers: {} }),
      await raw(fn.name, { body: '{a' }),
      await raw(fn.name, { headers: { ...headers, 'X-Amz-Invocation-Type': 'Later' } }),
      await raw(fn.name, { method: 'GET' }),
      await fetch(`${api?.endpoint}/2015-03-31/layers`, { headers }),
    ];

    expect(answers.map(({ status, headers }) => [status, headers.get('x-amzn-errortype')])).toEqual([
      [403, 'MissingAuthenticationTokenException'],
      [400, 'InvalidRequestContentException'],
      [400, 'InvalidParameterValueException'],
      [404, 'UnknownOperationException'],
      [404, 'UnknownOperationException'],
    ]);
    expect(answers.every(({ headers }) => headers.has('x-amzn-requestid'))).toBe(true);
  });

  it('serves a function that calls another', async () => {
    const worker = fixture.fn('export const handler = async ({ shard }) => `did ${shard}`;', { name: 'worker' });
    const caller = fixture.fn(
      `export const handler = async (event) => {
         const url = process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/worker/invocations';
         const call = (shard) => fetch(url, { method: 'POST', headers: { Authorization: 'x' }, body: JSON.stringify({ shard }) });
         return Promise.all(event.shards.map(async (shard) => (await call(shard)).json()));
       };`,
    );
    const later: { pool?: StartedPool } = {};
    api = await startInvokeApi(
      { functions: [worker, caller] },
      {
        invokeJson: async (arn, payload) => {
          if (later.pool === undefined) throw new Error('invoked too early');
          return later.pool.invokeJson(arn, payload);
        },
      },
    );
    later.pool = fixture.pool([worker, caller], { extraEnvironment: { AWS_ENDPOINT_URL_LAMBDA: api.endpoint } });

    const result = await later.pool.invoke(caller.arn, { shards: [1, 2, 3] });

    expect(result).toMatchObject({ outcome: 'success', payload: ['did 1', 'did 2', 'did 3'] });
  });
});
