import type { ServiceAnswer, ServiceCall } from '../../../../local/integrations/run-templated.ts';
import type { PipeModel } from '../../../../local/model.ts';
import { sendToTarget } from '../../../../local/pipes/send-to-target.ts';
import { decodeEngineRecord, type LambdaRecord } from '../../../../local/streams/stream-record.ts';
import { makeMapping, makeTerminal } from '../../../helpers/mapping-fixtures.ts';
import { makeEngineRecord } from '../../../helpers/scripted-stream.ts';

const QUEUE = { kind: 'sqs', queueName: 'letters', arn: 'arn:aws:sqs:us-east-1:0:letters' } as const;
const WORK = { kind: 'lambda', functionArn: 'arn:work', arn: 'arn:work' } as const;

const recordOf = (sequence: number): LambdaRecord => {
  const source = { streamArn: 'arn', region: 'r', shardId: 's', readAtMs: 0, wasExpired: () => false };
  const record = decodeEngineRecord(makeEngineRecord({ sequence }), source);
  if (record === undefined) throw new Error('not a record');
  return record.event;
};

const RECORDS = [1, 2, 3].map(recordOf);

/** Sends a batch to a target that answers so, one call after the other. Resolves to the result, and what was seen. */
async function send(target: PipeModel['target'], answers: readonly (ServiceAnswer | Error)[], batches = 1) {
  const pipe: PipeModel = { name: 'pipe', roleArn: 'arn:role', source: makeMapping(), target };
  const [calls, terminal]: [ServiceCall[], ReturnType<typeof makeTerminal>] = [[], makeTerminal()];
  const callService = async (call: ServiceCall): Promise<ServiceAnswer> => {
    const answer = answers[calls.push(call) - 1] ?? { status: 200, body: '{}' };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const invoke = sendToTarget(pipe, { callService, terminal });
  const results = [];
  for (let batch = 0; batch < batches; batch += 1) results.push(await invoke('arn:pipe', { Records: RECORDS }));
  return { results, calls, lines: terminal.lines };
}

const REFUSED = { status: 400, body: 'too large' };
const FINE = { status: 200, body: '{}' };

describe('a batch of a pipe', () => {
  it('is a message for each record, in order, in the name of the role', async () => {
    const { results, calls } = await send(QUEUE, []);

    const bodies = calls.map(({ body }) => JSON.parse(new URLSearchParams(body).get('MessageBody') ?? ''));
    expect(bodies).toEqual(RECORDS);
    expect(calls.every(({ roleArn }) => roleArn === 'arn:role')).toBe(true);
    expect(results).toMatchObject([{ outcome: 'success' }]);
  });

  it('is tried again from the first record on that could not be sent', async () => {
    const { results, calls } = await send(QUEUE, [FINE, REFUSED]);

    expect(calls).toHaveLength(2);
    expect(results).toMatchObject([
      { payload: { batchItemFailures: [{ itemIdentifier: RECORDS[1]?.dynamodb.SequenceNumber }] } },
    ]);
  });

  it('fails with its first record, and the reason is told once as long as it is the same', async () => {
    const other = { status: 500, body: 'away' };
    const { results, lines } = await send(QUEUE, [REFUSED, REFUSED, other, new Error('cut')], 4);

    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => 'function-error'));
    expect(lines).toEqual([
      'the target of the pipe pipe failed: too large',
      'the target of the pipe pipe failed: away',
      'the target of the pipe pipe failed: Error: cut',
    ]);
  });

  it('is the event of a function, whose result says which items failed', async () => {
    const failures = { batchItemFailures: [{ itemIdentifier: '1' }] };
    const { results, calls } = await send(WORK, [{ status: 200, body: JSON.stringify(failures) }]);

    expect(calls.map(({ body }) => JSON.parse(body))).toEqual([RECORDS]);
    expect(results).toMatchObject([{ outcome: 'success', payload: failures }]);
  });

  it('waits for a function that is asked for too much, without an attempt', async () => {
    const { results } = await send(WORK, [{ status: 429, body: 'Rate Exceeded.' }]);

    expect(results).toMatchObject([{ outcome: 'service-error', isThrottled: true }]);
  });
});
