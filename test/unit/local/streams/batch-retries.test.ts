import type { EventSourceMappingModel } from '../../../../local/model.ts';
import { eventSequenceNumber } from '../../../../local/streams/stream-record.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { functionError, serviceError, STREAM_ARN, success } from '../../../helpers/mapping-fixtures.ts';
import {
  scriptedNumberOf,
  type ScriptedMappingOptions,
  sequencesOf,
  startScriptedMapping,
} from '../../../helpers/scripted-mapping.ts';
import { awsError, createScriptedStream, makeEngineRecord } from '../../../helpers/scripted-stream.ts';
import { createJumpingClock } from '../../../helpers/test-clock.ts';

const HUNDRED = eventSequenceNumber('100');

const streamOf = (count: number) =>
  createScriptedStream([
    {
      id: 'shard-1',
      closed: false,
      records: Array.from({ length: count }, (_, index) => makeEngineRecord({ sequence: index + 98 })),
    },
  ]);

/** Runs a mapping over a stream until everything is handled. */
async function runToEnd(
  count: number,
  mapping: Partial<EventSourceMappingModel>,
  options: Partial<ScriptedMappingOptions> = {},
) {
  const started = startScriptedMapping({ stream: streamOf(count), mapping, ...options });
  await eventually(() => started.mapping.idle());
  await started.mapping.stop();
  return started;
}

/** Reports record 100 as failed whenever it is in the batch. */
const failAtHundred: NonNullable<ScriptedMappingOptions['answer']> = (records) => {
  const isThere = records.some(({ dynamodb }) => dynamodb.SequenceNumber === HUNDRED);
  return success({ batchItemFailures: isThere ? [{ itemIdentifier: HUNDRED }] : [] });
};

describe('A batch that fails', () => {
  it('is tried again whole, 1 + MaximumRetryAttempts times, and then written to the bucket as Lambda writes it', async () => {
    const started = await runToEnd(
      2,
      { maximumRetryAttempts: 1, failureBucket: 'failures' },
      { answer: () => functionError() },
    );

    const [object] = started.objects;
    const body = JSON.parse(object?.body ?? '');
    expect(sequencesOf(started.invocations)).toEqual([
      ['98', '99'],
      ['98', '99'],
    ]);
    expect(object?.bucket).toBe('failures');
    expect(object?.key).toMatch(
      /^aws\/lambda\/11111111-2222-4333-8444-555555555555\/shard-1\/2026\/11\/20\/2026-11-20T00\.00\.00-[0-9a-f-]{36}$/,
    );
    expect(body).toEqual({
      requestContext: {
        requestId: expect.stringMatching(/^request-/),
        functionArn: expect.stringContaining(':function:broadcast'),
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.stringMatching(/^2026-11-20T00:00:00\.\d{3}Z$/),
      DDBStreamBatchInfo: {
        shardId: 'shard-1',
        startSequenceNumber: eventSequenceNumber('98'),
        endSequenceNumber: eventSequenceNumber('99'),
        approximateArrivalOfFirstRecord: '2026-11-20T00:00:00Z',
        approximateArrivalOfLastRecord: '2026-11-20T00:00:00Z',
        batchSize: 2,
        streamArn: STREAM_ARN,
      },
      payload: JSON.stringify({ Records: started.invocations[0] }),
    });
  });

  it('is dropped with a warning when there is no bucket, and the next batch follows', async () => {
    const started = await runToEnd(
      2,
      { maximumRetryAttempts: 0, batchSize: 1 },
      {
        answer: ([record]) =>
          record?.dynamodb.SequenceNumber === eventSequenceNumber('98') ? functionError() : success(),
      },
    );

    expect(sequencesOf(started.invocations)).toEqual([['98'], ['99']]);
    expect(started.terminal.lines).toEqual([expect.stringContaining('dropped')]);
  });

  it('is bisected until the poison record is alone, without using up its retries', async () => {
    const started = await runToEnd(
      4,
      { maximumRetryAttempts: 1, bisectBatchOnFunctionError: true, failureBucket: 'failures' },
      {
        answer: (records) =>
          records.some(({ dynamodb }) => dynamodb.SequenceNumber === HUNDRED) ? functionError() : success(),
      },
    );

    expect(sequencesOf(started.invocations)).toEqual([
      ['98', '99', '100', '101'],
      ['98', '99'],
      ['100', '101'],
      ['100'],
      ['100'],
      ['101'],
    ]);
    expect(JSON.parse(started.objects[0]?.body ?? '')).toMatchObject({
      requestContext: { approximateInvokeCount: 2 },
      DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: HUNDRED },
    });
  });

  it('gets a fresh budget after partial progress, as AWS was seen to give', async () => {
    const started = await runToEnd(
      3,
      { maximumRetryAttempts: 3, reportBatchItemFailures: true, failureBucket: 'failures' },
      { answer: failAtHundred },
    );

    expect(sequencesOf(started.invocations)).toEqual([['98', '99', '100'], ['100'], ['100'], ['100'], ['100']]);
    expect(JSON.parse(started.objects[0]?.body ?? '')).toMatchObject({
      requestContext: { approximateInvokeCount: 4 },
      responseContext: { functionError: null },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
  });

  it('does not use up its retries while the service cannot run the function', async () => {
    let calls = 0;
    const started = await runToEnd(
      1,
      { maximumRetryAttempts: 0 },
      {
        answer: () => {
          calls += 1;
          return calls < 5 ? serviceError() : success();
        },
      },
    );

    expect(started.invocations).toHaveLength(5);
    expect(started.terminal.lines).toEqual([]);
  });

  it('is given up when its records have passed MaximumRecordAgeInSeconds', async () => {
    const started = await runToEnd(
      1,
      { maximumRecordAgeSeconds: 60, failureBucket: 'failures' },
      { answer: () => functionError(), tuning: { retryCapMs: 30_000, retryBaseMs: 30_000 } },
    );

    const body = JSON.parse(started.objects[0]?.body ?? '');
    expect(body.requestContext).toMatchObject({
      condition: 'RecordAgeExceeded',
      approximateInvokeCount: started.invocations.length,
    });
    expect(body).not.toHaveProperty('responseContext');
  });

  it('is given up after 24 hours whatever the mapping allows, and never invoked with', async () => {
    const startMs = Date.UTC(2026, 10, 20);
    const stream = createScriptedStream([
      {
        id: 'shard-1',
        closed: false,
        records: [
          makeEngineRecord({ sequence: 1, createdAtMs: startMs - 25 * 3_600_000 }),
          makeEngineRecord({ sequence: 2 }),
        ],
      },
    ]);
    const started = await runToEnd(0, { failureBucket: 'failures' }, { stream, clock: createJumpingClock(startMs) });

    expect(sequencesOf(started.invocations)).toEqual([['2']]);
    expect(JSON.parse(started.objects[0]?.body ?? '')).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
      DDBStreamBatchInfo: { endSequenceNumber: eventSequenceNumber('1') },
    });
  });

  it('stays until the bucket takes it', async () => {
    let puts = 0;
    const started = await runToEnd(
      1,
      { maximumRetryAttempts: 0, failureBucket: 'failures' },
      {
        answer: () => functionError(),
        putFailure: async () => {
          puts += 1;
          if (puts < 4) throw awsError('ServiceUnavailable');
        },
      },
    );

    expect(puts).toBe(4);
    expect(started.objects).toHaveLength(1);
    expect(started.terminal.lines.filter((line) => line.includes('trying again'))).toHaveLength(1);
  });

  it('pauses its own lane, and no other', async () => {
    // By their keys, items a and c share a lane, and each of the others has a separate one.
    const records = ['a', 'b', 'c', 'd', 'e'].map((item, index) => makeEngineRecord({ sequence: index + 1, item }));
    const handled: string[] = [];
    const started = startScriptedMapping({
      stream: createScriptedStream([{ id: 'shard-1', closed: false, records }]),
      mapping: { parallelizationFactor: 10, batchSize: 1 },
      answer: ([record]) => {
        if (record !== undefined && scriptedNumberOf(record) === '1') return functionError();
        handled.push(record === undefined ? '' : scriptedNumberOf(record));
        return success();
      },
    });

    await eventually(() => handled.length === 3 && started.invocations.length > 8);
    const idle = started.mapping.idle();
    await started.mapping.stop();

    expect(handled.sort()).toEqual(['2', '4', '5']);
    expect(idle).toBe(false);
  });
});
