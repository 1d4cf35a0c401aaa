import * as fc from 'fast-check';
import type { InvocationResult } from '../../local/model.ts';
import { type CheckpointStore, createMemoryCheckpoints } from '../../local/streams/checkpoints.ts';
import type { LambdaRecord } from '../../local/streams/stream-record.ts';
import { eventually } from '../helpers/eventually.ts';
import { functionError, makeMapping, recordsOf, serviceError, success } from '../helpers/mapping-fixtures.ts';
import { scriptedNumberOf, startScriptedMapping } from '../helpers/scripted-mapping.ts';
import { awsError, createScriptedStream, makeEngineRecord } from '../helpers/scripted-stream.ts';
import { createJumpingClock } from '../helpers/test-clock.ts';

const SKIPPED = 'skip';

const scenario = fc.record({
  items: fc.array(fc.record({ item: fc.constantFrom('a', 'b', 'c', 'd'), skipped: fc.boolean() }), {
    maxLength: 40,
    size: 'max',
  }),
  outcomes: fc.array(fc.constantFrom('success', 'error', 'service', 'partial', 'unknown'), {
    maxLength: 30,
    size: 'max',
  }),
  engineFailures: fc.array(
    fc.constantFrom(undefined, undefined, 'ECONNREFUSED', 'ExpiredIteratorException', 'InternalServerError'),
    { maxLength: 12 },
  ),
  durations: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 }),
  pageSize: fc.integer({ min: 1, max: 12 }),
  parallelizationFactor: fc.integer({ min: 1, max: 4 }),
  batchSize: fc.integer({ min: 1, max: 10 }),
  maximumBatchingWindowSeconds: fc.constantFrom(0, 0, 1),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  restartAfterInvocations: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Runs a scenario to its end, and records every violation of the mapping's promises. */
async function play(plan: Scenario): Promise<{ breaches: string[]; lost: string[] }> {
  const records = plan.items.map(({ item, skipped }, index) =>
    makeEngineRecord({ sequence: index + 1, item, value: skipped ? SKIPPED : 'kept' }),
  );
  const stream = createScriptedStream([{ id: 'shard-1', records, closed: false }], plan);
  stream.failures.push(...plan.engineFailures.map((name) => (name === undefined ? undefined : awsError(name))));
  const kept = plan.items.flatMap(({ item, skipped }, index) =>
    skipped ? [] : [{ item, sequence: String(index + 1) }],
  );
  const done = new Set<string>();
  const breaches: string[] = [];
  const running = new Map<string, number>();
  const outcomes = [...plan.outcomes];
  const clock = createJumpingClock();
  let invocations = 0;

  const checkOrder = (batch: readonly LambdaRecord[]): void => {
    const sequences = batch.map(scriptedNumberOf);
    const due = new Set([...done, ...sequences]);
    if (sequences.some((each, index) => index > 0 && BigInt(each) <= BigInt(sequences[index - 1] ?? 0))) {
      breaches.push(`batch out of order: ${sequences.join()}`);
    }
    for (const record of batch) {
      const item = record.dynamodb.Keys['topic']?.['S'];
      const skippedOver = kept.find(
        (each) =>
          each.item === item && BigInt(each.sequence) < BigInt(scriptedNumberOf(record)) && !due.has(each.sequence),
      );
      if (skippedOver) breaches.push(`${scriptedNumberOf(record)} of ${String(item)} before ${skippedOver.sequence}`);
    }
  };
  const finish = (batch: readonly LambdaRecord[]): void =>
    batch.forEach((record) => done.add(scriptedNumberOf(record)));
  const resultOf = (batch: readonly LambdaRecord[]): InvocationResult => {
    const outcome = outcomes.shift() ?? 'success';
    if (outcome === 'error') return functionError();
    if (outcome === 'service') return serviceError();
    if (outcome === 'success' || !plan.reportBatchItemFailures) {
      finish(batch);
      return success(outcome === 'success' ? null : { batchItemFailures: [{ itemIdentifier: 'ignored' }] });
    }
    if (outcome === 'unknown') return success({ batchItemFailures: [{ itemIdentifier: 'unknown' }] });
    const index = Math.floor(batch.length / 2);
    finish(batch.slice(0, index));
    return success({ batchItemFailures: [{ itemIdentifier: batch[index]?.dynamodb.SequenceNumber }] });
  };
  const answer = async (batch: readonly LambdaRecord[]): Promise<InvocationResult> => {
    invocations += 1;
    checkOrder(batch);
    for (const item of itemsOf(batch)) running.set(item, (running.get(item) ?? 0) + 1);
    if ([...running.values()].some((count) => count > 1)) breaches.push('two invocations at once with one item');
    await new Promise<void>((resolve) => {
      clock.after(plan.durations[invocations % plan.durations.length] ?? 0, resolve);
    });
    for (const item of itemsOf(batch)) running.set(item, (running.get(item) ?? 0) - 1);
    return resultOf(batch);
  };
  const memory = createMemoryCheckpoints();
  const checkpoints: CheckpointStore = {
    ...memory,
    save: (key, shardId, checkpoint) => {
      const unfinished = kept.find(
        ({ sequence }) =>
          checkpoint.at === 'after' && BigInt(sequence) <= BigInt(checkpoint.sequenceNumber) && !done.has(sequence),
      );
      if (unfinished) breaches.push(`checkpoint passed ${unfinished.sequence}`);
      memory.save(key, shardId, checkpoint);
    },
  };
  const start = () =>
    startScriptedMapping({
      stream,
      answer,
      checkpoints,
      clock,
      mapping: makeMapping({
        ...plan,
        failureBucket: 'failures',
        filters: [{ dynamodb: { NewImage: { value: { S: [{ 'anything-but': SKIPPED }] } } } }],
      }),
      putFailure: async ({ body }) => {
        finish(recordsOf(JSON.parse(JSON.parse(body).payload)));
      },
    });

  let started = start();
  const { restartAfterInvocations } = plan;
  await eventually(
    () => started.mapping.idle() || invocations >= (restartAfterInvocations ?? Number.POSITIVE_INFINITY),
  );
  await started.mapping.stop();
  started = start();
  await eventually(() => started.mapping.idle());
  await started.mapping.stop();
  return { breaches, lost: kept.filter(({ sequence }) => !done.has(sequence)).map(({ sequence }) => sequence) };
}

describe('Event source mapping under random failures', () => {
  it('keeps the order of each item, loses nothing, and never checkpoints past an unfinished record', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (plan) => {
        expect(await play(plan)).toEqual({ breaches: [], lost: [] });
      }),
      { numRuns: 150 },
    );
  });
});

function itemsOf(batch: readonly LambdaRecord[]): string[] {
  return [...new Set(batch.map((record) => String(record.dynamodb.Keys['topic']?.['S'])))];
}
