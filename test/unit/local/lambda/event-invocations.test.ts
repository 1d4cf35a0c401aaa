import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createEventInvocations } from '../../../../local/lambda/event-invocations.ts';
import { type InvokeApi, startInvokeApi } from '../../../../local/lambda/invoke-api.ts';
import type { LambdaLimits } from '../../../../local/lambda/lambda-limits.ts';
import type { FunctionModel } from '../../../../local/model.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { LambdaFixture, type StartedPool } from './lambda-fixture.ts';

const FAILS = 'export const handler = async () => { console.log("attempt"); throw new TypeError("no"); };';
const TELLS = 'export const handler = async (event) => console.log("record " + JSON.stringify(event));';

describe('An asynchronous invocation', () => {
  let fixture: LambdaFixture;
  let api: InvokeApi;
  let client: LambdaClient;
  let warnings: string[];

  beforeEach(() => {
    warnings = [];
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    client.destroy();
    await api.close();
    await fixture.dispose();
  });

  async function serve(functions: readonly FunctionModel[], limits: Partial<LambdaLimits> = {}): Promise<StartedPool> {
    const pool = fixture.pool(functions);
    const { submit } = createEventInvocations(
      { functions, limits: { eventRetryMs: 5, ...limits } },
      { invokeJson: pool.invokeJson, terminal: { warn: (line) => void warnings.push(line) }, now: Date.now },
    );
    api = await startInvokeApi({ functions, limits }, { invokeJson: pool.invokeJson, submitEvent: submit });
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    client = new LambdaClient({ endpoint: api.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
    return pool;
  }

  const send = (FunctionName: string, InvocationType: 'Event' | 'DryRun', event: unknown = {}) =>
    client.send(new InvokeCommand({ FunctionName, InvocationType, Payload: Buffer.from(JSON.stringify(event)) }));

  const linesOf = ({ lines }: StartedPool, text: string): string[] =>
    lines.flatMap(({ line }) => (line.includes(text) ? [line] : []));

  it('is answered with 202 at once, and a function that fails gets its event three times', async () => {
    const fn = fixture.fn(FAILS);
    const pool = await serve([fn]);

    const answer = await send(fn.name, 'Event');
    await eventually(() => warnings.length === 1);

    expect(answer).toMatchObject({ StatusCode: 202 });
    expect(answer.Payload?.length ?? 0).toBe(0);
    expect(linesOf(pool, 'attempt')).toHaveLength(3);
    expect(warnings).toEqual([
      `${fn.name}: an asynchronous event is given up after 3 attempts (RetriesExhausted), and nobody here receives it`,
    ]);
  });

  it('ends in the function that its settings name, with what was asked and answered', async () => {
    const receiver = fixture.fn(TELLS);
    const eventSettings = { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60, onFailure: receiver.arn };
    const fn = fixture.fn(FAILS, { eventSettings });
    const pool = await serve([fn, receiver]);

    await send(fn.name, 'Event', { order: 1 });
    await eventually(() => linesOf(pool, 'record ').length === 1);

    const [line = ''] = linesOf(pool, 'record ');
    expect(JSON.parse(line.slice(line.indexOf('{')))).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1, functionArn: `${fn.arn}:$LATEST` },
      requestPayload: { order: 1 },
      responseContext: { functionError: 'Unhandled', statusCode: 200 },
      responsePayload: { errorType: 'TypeError', errorMessage: 'no' },
    });
    expect(warnings).toEqual([]);
  });

  it('whose record finds no room among the events that wait is named', async () => {
    const receiver = fixture.fn(TELLS);
    const fn = fixture.fn(TELLS, {
      eventSettings: { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60, onSuccess: receiver.arn },
    });
    await serve([fn, receiver], { waitingEvents: 1 });

    await send(fn.name, 'Event');

    await eventually(() => warnings.length === 1);
    expect(warnings).toEqual([`${fn.name}: the record of an asynchronous event is lost, because too many events wait`]);
  });

  it('that only asks is answered with 204, and runs nothing', async () => {
    const fn = fixture.fn(TELLS);
    const pool = await serve([fn]);

    const answer = await send(fn.name, 'DryRun');

    expect(answer).toMatchObject({ StatusCode: 204 });
    expect(pool.environments()).toEqual([]);
  });

  it.each<[string, Partial<LambdaLimits>, object]>([
    ['too large', { eventBytes: 10 }, { name: 'RequestTooLargeException' }],
    ['one too many', { waitingEvents: 0 }, { name: 'TooManyRequestsException' }],
  ])('that is %s is refused', async (_what, limits, refusal) => {
    const fn = fixture.fn(TELLS);
    await serve([fn], limits);

    await expect(send(fn.name, 'Event', { text: 'longer than ten bytes' })).rejects.toMatchObject(refusal);
  });

  it.each(['live', '3'])('may name a version or an alias that the function has: %s', async (qualifier) => {
    const fn = fixture.fn(TELLS, { qualifiers: ['live', '3'] });
    await serve([fn]);

    expect(await send(`${fn.name}:${qualifier}`, 'DryRun')).toMatchObject({ StatusCode: 204 });
    await expect(send(`${fn.name}:other`, 'DryRun')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
