import { LambdaFixture } from './lambda-fixture.ts';

describe('An invocation', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('gives the event to the handler and its result, through JSON, to the caller', async () => {
    const fn = fixture.fn(
      'export const handler = async (event) => ({ got: event.a, at: new Date(0), none: undefined });',
    );
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, { a: [1, 'é'] });

    expect(result).toEqual({
      outcome: 'success',
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      payload: { got: [1, 'é'], at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it.each([
    ['async () => undefined', null],
    ['async () => () => 1', null],
    ['() => "not a promise"', 'not a promise'],
    ['() => ({ then: (resolve) => resolve(3) })', 3],
  ])('of the handler %s results in %j', async (handler, expected) => {
    const fn = fixture.fn(`export const handler = ${handler};`);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'success', payload: expected });
  });

  it('has a context as Lambda builds it', async () => {
    const fn = fixture.fn(
      `export const handler = async (event, context) => ({
         ...context, keys: Object.keys(context), remaining: context.getRemainingTimeInMillis() });`,
      { name: 'ctx', memoryMb: 512, timeoutSeconds: 7 },
    );
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({
      outcome: 'success',
      payload: {
        functionName: 'ctx',
        functionVersion: '$LATEST',
        invokedFunctionArn: fn.arn,
        memoryLimitInMB: '512',
        awsRequestId: result.requestId,
        logGroupName: '/aws/lambda/ctx',
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][\da-f]{32}$/),
        keys: expect.arrayContaining(['identity', 'clientContext', 'tenantId']),
      },
    });
    const { remaining } = Object(result)['payload'];
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(7_000);
  });

  it('sees the function’s own environment and Lambda’s, and nothing of the parent’s', async () => {
    process.env['SECRET_OF_THE_PARENT'] = 'x';
    const fn = fixture.fn('export const handler = async () => ({ ...process.env, cwd: process.cwd() });', {
      environment: { TABLE: 't', AWS_REGION: 'mars' },
    });
    const pool = fixture.pool([fn], { extraEnvironment: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' } });

    const { payload } = Object(await pool.invoke(fn.arn, {}));

    expect(payload).toMatchObject({
      TABLE: 't',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-west-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      LAMBDA_TASK_ROOT: fn.codeDirectory,
      TZ: ':UTC',
      cwd: fn.codeDirectory,
    });
    const known =
      /^(AWS_|LAMBDA_|_HANDLER$|_X_AMZN_TRACE_ID$|PATH$|HOME$|LANG$|TZ$|NODE_PATH$|PWD$|TMPDIR$|TABLE$|cwd$)/;
    expect(Object.keys(payload).filter((name) => !known.test(name))).toEqual([]);
    delete process.env['SECRET_OF_THE_PARENT'];
  });

  it('has a trace id of its own', async () => {
    const fn = fixture.fn('export const handler = async () => process.env._X_AMZN_TRACE_ID;');
    const pool = fixture.pool([fn]);

    const first = Object(await pool.invoke(fn.arn, {})).payload;
    const second = Object(await pool.invoke(fn.arn, {})).payload;

    expect(first).toMatch(/^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0$/);
    expect(second).not.toBe(first);
  });

  it('that throws is a function error, and its environment stays', async () => {
    const fn = fixture.fn(
      `let count = 0;
       export const handler = async (event) => {
         count += 1;
         if (event.fail) throw new RangeError('too far');
         return count;
       };`,
    );
    const pool = fixture.pool([fn]);

    const failed = await pool.invoke(fn.arn, { fail: true });
    const next = await pool.invoke(fn.arn, {});

    expect(failed).toMatchObject({ outcome: 'function-error', errorType: 'RangeError', errorMessage: 'too far' });
    expect(next).toMatchObject({ payload: 2 });
    expect(pool.lines.find(({ line }) => line.includes('Invoke Error'))).toMatchObject({ requestId: failed.requestId });
  });

  it.each([
    ['"text"', 'string', 'text'],
    ['42', 'number', '42'],
    ['undefined', 'undefined', 'undefined'],
    ['{ a: 1 }', 'object', '[object Object]'],
    ['{ toString() { throw 1; } }', 'handled', expect.stringContaining('there was a problem')],
  ])('that throws %s has an error of type %s', async (thrown, errorType, errorMessage) => {
    const fn = fixture.fn(`export const handler = async () => { throw ${thrown}; };`);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'function-error', errorType, errorMessage });
  });

  it('with a result that is no JSON is a function error', async () => {
    const fn = fixture.fn('export const handler = async () => ({ n: 1n });');
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ errorType: 'Runtime.JSONStringifyError' });
  });

  it('may answer with 6 MB and no more', async () => {
    const fn = fixture.fn('export const handler = async ({ length }) => "x".repeat(length);');
    const pool = fixture.pool([fn]);
    const quotes = 2;

    const largest = await pool.invoke(fn.arn, { length: 6_291_556 - quotes });
    const tooLarge = await pool.invoke(fn.arn, { length: 6_291_557 - quotes });

    expect(largest).toMatchObject({ outcome: 'success' });
    expect(tooLarge).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
  });

  it('with an event over 6 MB is refused before any code runs', async () => {
    const fn = fixture.fn('export const handler = async (event) => event.length;');
    const pool = fixture.pool([fn]);
    const quotes = 2;

    const largest = await pool.invoke(fn.arn, 'x'.repeat(6_291_456 - quotes));
    const tooLarge = await pool.invoke(fn.arn, 'x'.repeat(6_291_457 - quotes));

    expect(largest).toMatchObject({ payload: 6_291_456 - quotes });
    expect(tooLarge).toMatchObject({ outcome: 'function-error', errorType: 'RequestTooLargeException' });
  });

  it('of an unknown function is refused', async () => {
    const pool = fixture.pool([]);

    const result = await pool.invoke('arn:nobody', {});

    expect(result).toMatchObject({ outcome: 'function-error', errorType: 'ResourceNotFoundException' });
  });
});
