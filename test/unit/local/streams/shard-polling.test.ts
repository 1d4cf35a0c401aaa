import type { InvocationResult } from '../../../../local/model.ts';
import { createMemoryCheckpoints } from '../../../../local/streams/checkpoints.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { functionError, makeMapping, success } from '../../../helpers/mapping-fixtures.ts';
import { scriptedNumberOf, sequencesOf, startScriptedMapping } from '../../../helpers/scripted-mapping.ts';
import { awsError, createScriptedStream, makeEngineRecord } from '../../../helpers/scripted-stream.ts';

const key = { uuid: makeMapping().uuid, streamArn: 'arn:engine' };
const records = (...sequences: (number | bigint)[]) => sequences.map((sequence) => makeEngineRecord({ sequence }));

describe('Shards', () => {
  it('are read parents first, over all pages of the list, and are marked as finished at their end', async () => {
    const checkpoints = createMemoryCheckpoints();
    const stream = createScriptedStream(
      [
        { id: 'grandchild', parent: 'child', closed: false, records: records(5) },
        { id: 'child', parent: 'parent', closed: true, records: records(3, 4) },
        { id: 'parent', parent: 'long gone', closed: true, records: records(1, 2) },
      ],
      { shardsPerPage: 1 },
    );
    const started = startScriptedMapping({ stream, checkpoints, mapping: { batchSize: 1 } });

    await eventually(() => expect(started.invocations).toHaveLength(5));
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([['1'], ['2'], ['3'], ['4'], ['5']]);
    expect(checkpoints.load(key, 'parent')).toEqual({ at: 'finished' });
    expect(checkpoints.load(key, 'grandchild')).toEqual({ at: 'after', sequenceNumber: '5' });
  });

  it('wait while a record of their parent is not done', async () => {
    let failures = 0;
    const stream = createScriptedStream([
      { id: 'parent', closed: true, records: records(1) },
      { id: 'child', parent: 'parent', closed: false, records: records(2) },
    ]);
    const started = startScriptedMapping({
      stream,
      answer: () => {
        failures += 1;
        return failures < 20 ? functionError() : success();
      },
    });

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([...Array.from({ length: 20 }, () => ['1']), ['2']]);
  });

  it('that appear later are read from their beginning, also by a mapping that started at LATEST', async () => {
    const shard = { id: 'first', closed: false, records: records(1) };
    const stream = createScriptedStream([shard]);
    const started = startScriptedMapping({ stream, mapping: { startingPosition: 'LATEST' } });
    await eventually(() => started.mapping.idle());
    shard.records.push(...records(2));
    stream.shards.push({ id: 'second', parent: 'first', closed: false, records: records(3) });
    shard.closed = true;

    await eventually(() => expect(started.invocations).toHaveLength(2));
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([['2'], ['3']]);
  });

  it('compare sequence numbers as numbers: 27 digits come after 21', async () => {
    const short = 999_999_999_999_999_999_999n;
    const long = 100_000_000_000_000_000_000_000_000n;
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(short, long) }], { pageSize: 1 });
    const started = startScriptedMapping({ stream });

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([[String(short)], [String(long)]]);
  });
});

describe('Reading', () => {
  it('goes on from the checkpoint after a restart', async () => {
    const checkpoints = createMemoryCheckpoints();
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(1, 2) }]);
    const before = startScriptedMapping({ stream, checkpoints });
    await eventually(() => before.mapping.idle());
    await before.mapping.stop();
    stream.shards[0]?.records.push(...records(3));

    const after = startScriptedMapping({ stream, checkpoints });
    await eventually(() => after.mapping.idle());
    await after.mapping.stop();

    expect(sequencesOf(after.invocations)).toEqual([['3']]);
  });

  it.each(['ExpiredIteratorException', 'TrimmedDataAccessException', 'ValidationException'])(
    'takes a new iterator on %s, repeating nothing and saying nothing of the engine',
    async (name) => {
      const stream = createScriptedStream([{ id: 's', closed: false, records: records(1, 2) }], { pageSize: 1 });
      // DescribeStream, GetShardIterator and the first GetRecords pass; the second GetRecords fails.
      stream.failures.push(undefined, undefined, undefined, awsError(name));
      const started = startScriptedMapping({ stream });

      await eventually(() => started.mapping.idle());
      await started.mapping.stop();

      expect(sequencesOf(started.invocations)).toEqual([['1'], ['2']]);
      expect(started.terminal.lines.filter((line) => line.includes('engine'))).toEqual([]);
    },
  );

  it('starts again at the horizon when a LATEST iterator of an empty stream fails for good', async () => {
    const shard = { id: 's', closed: false, records: records(1) };
    const stream = createScriptedStream([shard]);
    stream.failures.push(undefined, undefined, awsError('TrimmedDataAccessException'));
    const started = startScriptedMapping({ stream, mapping: { startingPosition: 'LATEST' } });

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([['1']]);
  });

  it('keeps trying while the engine does not answer, and reports the outage once and its end once', async () => {
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(1) }]);
    stream.failures.push(undefined, undefined, ...Array.from({ length: 40 }, () => awsError('InternalServerError')));
    const started = startScriptedMapping({ stream });

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(sequencesOf(started.invocations)).toEqual([['1']]);
    expect(started.terminal.lines).toEqual([
      expect.stringContaining('does not answer'),
      expect.stringContaining('answers again'),
    ]);
  });

  it('goes on for the other lanes while one retries a batch, past what may be read ahead', async () => {
    const others = Array.from({ length: 100 }, (_, index) => makeEngineRecord({ sequence: index + 2, item: 'b' }));
    const records = [makeEngineRecord({ sequence: 1, item: 'a' }), ...others];
    const handled: string[] = [];
    const started = startScriptedMapping({
      stream: createScriptedStream([{ id: 's', closed: false, records }], { pageSize: 5 }),
      mapping: { parallelizationFactor: 10 },
      tuning: { readAheadRecords: 10 },
      answer: (batch) => {
        if (batch.some((record) => scriptedNumberOf(record) === '1')) return functionError();
        handled.push(...batch.map(scriptedNumberOf));
        return success();
      },
    });

    await eventually(() => expect(handled).toHaveLength(100));
    await started.mapping.stop();

    expect(handled.at(-1)).toBe('101');
    // The first record has not been given up for its age: it is still tried again.
    expect(started.terminal.lines).toEqual([]);
  });

  it('pauses while more waits than may be read ahead', async () => {
    const gate = Promise.withResolvers<undefined>();
    const all = Array.from({ length: 50 }, (_, index) => makeEngineRecord({ sequence: index + 1 }));
    const stream = createScriptedStream([{ id: 's', closed: false, records: all }], { pageSize: 5 });
    const started = startScriptedMapping({
      stream,
      tuning: { readAheadRecords: 10 },
      answer: async () => {
        await gate.promise;
        return success();
      },
    });
    await eventually(() => expect(stream.reads).toHaveLength(2));
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    const readsWhileFull = stream.reads.length;
    gate.resolve(undefined);

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(readsWhileFull).toBe(2);
    expect(started.invocations.flat()).toHaveLength(50);
  });

  it('passes over what the filters hold back, and the checkpoint with it', async () => {
    const checkpoints = createMemoryCheckpoints();
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(1, 2) }]);
    const started = startScriptedMapping({ stream, checkpoints, mapping: { filters: [{ eventName: ['REMOVE'] }] } });

    await eventually(() => started.mapping.idle());
    await started.mapping.stop();

    expect(started.invocations).toEqual([]);
    expect(checkpoints.load(key, 's')).toEqual({ at: 'after', sequenceNumber: '2' });
  });
});

describe('Stopping', () => {
  it('counts an invocation that outlives the wait as not done', async () => {
    const checkpoints = createMemoryCheckpoints();
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(1) }]);
    const late = Promise.withResolvers<InvocationResult>();
    const started = startScriptedMapping({
      stream,
      checkpoints,
      answer: () => late.promise,
    });
    await eventually(() => expect(started.invocations).toHaveLength(1));

    await started.mapping.stop();
    late.resolve(success());
    await new Promise(setImmediate);

    expect(checkpoints.load(key, 's')).toEqual({ at: 'trim-horizon' });
  });

  it('leaves a mapping that is not enabled alone', async () => {
    const stream = createScriptedStream([{ id: 's', closed: false, records: records(1) }]);

    const started = startScriptedMapping({ stream, mapping: { enabled: false } });
    await started.mapping.stop();

    expect(stream.reads).toEqual([]);
    expect(started.mapping.idle()).toBe(true);
  });
});
