import type { EventSourceMappingModel, InvocationResult } from '../../../../local/model.ts';
import { eventSequenceNumber } from '../../../../local/streams/stream-record.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { functionError, STREAM_ARN, success } from '../../../helpers/mapping-fixtures.ts';
import { type ScriptedMappingOptions, sequencesOf, startScriptedMapping } from '../../../helpers/scripted-mapping.ts';
import { createScriptedStream, makeEngineRecord } from '../../../helpers/scripted-stream.ts';
import { createJumpingClock } from '../../../helpers/test-clock.ts';

const START_MS = Date.UTC(2026, 10, 20, 17);
const MEGABYTE = 1024 * 1024;

/** An event of a tumbling window, as a function sees it. */
interface WindowEvent {
  readonly Records: readonly unknown[];
  readonly window: { readonly start: string; readonly end: string };
  readonly state: { readonly count?: number; readonly text?: string };
  readonly shardId: string;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

function windowEvent(event: unknown): WindowEvent {
  if (!isWindowEvent(event)) throw new Error('not an event of a tumbling window');
  return event;
}

const isWindowEvent = (event: unknown): event is WindowEvent =>
  typeof event === 'object' && event !== null && 'isFinalInvokeForWindow' in event && 'Records' in event;

/** Counts the records of a window. */
function count(event: unknown): InvocationResult {
  const { Records, state } = windowEvent(event);
  return success({ state: { count: (state.count ?? 0) + Records.length } });
}

/** Starts a mapping on records that were created at these seconds after the start. */
function start(seconds: readonly number[], options: Partial<ScriptedMappingOptions> = {}, isClosed = false) {
  const records = seconds.map((second, index) =>
    makeEngineRecord({ sequence: index + 1, createdAtMs: START_MS + second * 1_000 }),
  );
  const mapping: Partial<EventSourceMappingModel> = { tumblingWindowSeconds: 60, ...options.mapping };
  return startScriptedMapping({
    stream: createScriptedStream([{ id: 'shard-1', closed: isClosed, records }]),
    answer: (_records, event) => count(event),
    clock: createJumpingClock(START_MS),
    ...options,
    mapping,
  });
}

const kinds = (events: readonly unknown[]) =>
  events
    .map(windowEvent)
    .map(({ Records, window, state, isFinalInvokeForWindow }) => [
      isFinalInvokeForWindow ? 'final' : 'batch',
      window.start.slice(11, 16),
      Records.length,
      state.count ?? 0,
    ]);

describe('A mapping with tumbling windows', () => {
  it('invokes with the window, its state and its place, and at its end once more without records', async () => {
    const { mapping, events } = start([10, 20], { mapping: { batchSize: 1 } });
    await eventually(() => events.length === 3);
    await mapping.stop();

    const common = {
      window: { start: '2026-11-20T17:00:00Z', end: '2026-11-20T17:01:00Z' },
      shardId: 'shard-1',
      eventSourceARN: STREAM_ARN,
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: false,
    };
    expect(events).toEqual([
      { ...common, Records: [expect.anything()], state: {} },
      { ...common, Records: [expect.anything()], state: { count: 1 } },
      { ...common, Records: [], state: { count: 2 }, isFinalInvokeForWindow: true },
    ]);
    expect(Object.keys(windowEvent(events[0])).slice(0, 4)).toEqual(['Records', 'window', 'state', 'shardId']);
  });

  it('never has records of two windows in one batch, and ends a window before the next one begins', async () => {
    const { mapping, events } = start([10, 59, 60, 61, 200], { mapping: { batchSize: 100 } });
    await eventually(() => events.length === 6);
    await mapping.stop();

    expect(kinds(events)).toEqual([
      ['batch', '17:00', 2, 0],
      ['final', '17:00', 0, 2],
      ['batch', '17:01', 2, 0],
      ['final', '17:01', 0, 2],
      ['batch', '17:03', 1, 0],
      ['final', '17:03', 0, 1],
    ]);
  });

  it('invokes with what waits for its batching window before it ends', async () => {
    const { mapping, events } = start([10, 20], { mapping: { maximumBatchingWindowSeconds: 300 } });
    await eventually(() => events.length === 2);
    await mapping.stop();

    expect(kinds(events)).toEqual([
      ['batch', '17:00', 2, 0],
      ['final', '17:00', 0, 2],
    ]);
  });

  it('ends the window of a shard that has ended, before the shard counts as done', async () => {
    const clock = createJumpingClock(START_MS);
    const { mapping, events } = start([10], { clock, mapping: { tumblingWindowSeconds: 900 } }, true);
    await eventually(() => events.length === 2);
    await mapping.stop();

    expect(kinds(events)).toEqual([
      ['batch', '17:00', 1, 0],
      ['final', '17:00', 0, 1],
    ]);
    expect(clock.now()).toBeLessThan(START_MS + 900_000);
  });

  it('takes a response without a state as a failure of the batch, which keeps the state it had', async () => {
    let calls = 0;
    const { mapping, events, objects, terminal } = start([10, 20, 30], {
      mapping: { batchSize: 1, maximumRetryAttempts: 1, failureBucket: 'failures' },
      answer: (records, event) => {
        if (records[0]?.dynamodb.SequenceNumber !== eventSequenceNumber('2')) return count(event);
        calls += 1;
        return success(calls === 1 ? { statusCode: 200 } : null);
      },
    });
    await eventually(() => events.length === 5);
    await mapping.stop();

    expect(kinds(events)).toEqual([
      ['batch', '17:00', 1, 0],
      ['batch', '17:00', 1, 1],
      ['batch', '17:00', 1, 1],
      ['batch', '17:00', 1, 1],
      ['final', '17:00', 0, 2],
    ]);
    expect(JSON.parse(objects[0]?.body ?? '').requestContext.condition).toBe('RetryAttemptsExhausted');
    expect(terminal.lines.filter((line) => line.includes('returned no state'))).toHaveLength(1);
  });

  it('keeps the state of what was done of a batch whose items failed in part', async () => {
    let calls = 0;
    const third = eventSequenceNumber('3');
    const { mapping, events, invocations } = start([10, 20, 30], {
      mapping: { reportBatchItemFailures: true },
      answer: (_records, event) => {
        calls += 1;
        if (calls > 1) return count(event);
        return success({ state: { count: 2 }, batchItemFailures: [{ itemIdentifier: third }] });
      },
    });
    await eventually(() => events.length === 3);
    await mapping.stop();

    expect(sequencesOf(invocations)).toEqual([['1', '2', '3'], ['3'], []]);
    expect(kinds(events).map(([, , , state]) => state)).toEqual([0, 2, 3]);
  });

  it('does not go on with the shard until the last invocation with a window has succeeded', async () => {
    let failures = 0;
    const { mapping, events } = start([10, 70], {
      mapping: { maximumRetryAttempts: 0 },
      answer: (_records, event) => {
        const { isFinalInvokeForWindow, window } = windowEvent(event);
        if (!isFinalInvokeForWindow || !window.start.includes('17:00') || failures === 3) return count(event);
        failures += 1;
        return functionError();
      },
    });
    await eventually(() => events.length === 7);
    await mapping.stop();

    const final = ['final', '17:00', 0, 1];
    expect(kinds(events)).toEqual([
      ['batch', '17:00', 1, 0],
      final,
      final,
      final,
      final,
      ['batch', '17:01', 1, 0],
      ['final', '17:01', 0, 1],
    ]);
  });

  it('needs no state from the last invocation', async () => {
    const { mapping, events } = start([10, 70], {
      answer: (_records, event) => (windowEvent(event).isFinalInvokeForWindow ? success({}) : count(event)),
    });
    await eventually(() => events.length === 4);
    await mapping.stop();

    expect(kinds(events).map(([kind]) => kind)).toEqual(['batch', 'final', 'batch', 'final']);
  });

  it('ends a window early whose state is larger than 1 MB, and goes on with a fresh state', async () => {
    const large = 'x'.repeat(MEGABYTE);
    const { mapping, events } = start([10, 20], {
      mapping: { batchSize: 1 },
      answer: (records, event) =>
        records[0]?.dynamodb.SequenceNumber === eventSequenceNumber('1')
          ? success({ state: { text: large } })
          : count(event),
    });
    await eventually(() => events.length === 4);
    await mapping.stop();

    const [, early, second, last] = events.map(windowEvent);
    expect(early).toMatchObject({ Records: [], isFinalInvokeForWindow: true, isWindowTerminatedEarly: true });
    expect(early?.state.text).toHaveLength(MEGABYTE);
    expect(second).toMatchObject({ state: {}, isFinalInvokeForWindow: false, window: early?.window });
    expect(last).toMatchObject({ state: { count: 1 }, isFinalInvokeForWindow: true, isWindowTerminatedEarly: false });
  });

  it('takes a state that fits into no event as none', async () => {
    const { mapping, events, objects } = start([10], {
      mapping: { maximumRetryAttempts: 0, failureBucket: 'failures' },
      answer: () => success({ state: { text: 'x'.repeat(6 * MEGABYTE) } }),
    });
    await eventually(() => objects.length === 1);
    await mapping.stop();

    expect(windowEvent(events[0]).isFinalInvokeForWindow).toBe(false);
  });
});
