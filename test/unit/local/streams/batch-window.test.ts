import { createBatchWindow } from '../../../../local/streams/batch-window.ts';
import type { StreamRecord } from '../../../../local/streams/stream-record.ts';
import { decodeEngineRecord } from '../../../../local/streams/stream-record.ts';
import { makeEngineRecord } from '../../../helpers/scripted-stream.ts';
import { TestClock } from '../../../helpers/test-clock.ts';

const MEGABYTE = 1024 * 1024;

function makeRecord(payloadBytes = 300): StreamRecord {
  const source = { streamArn: 'arn', region: 'r', shardId: 's', readAtMs: 0, wasExpired: () => false };
  const record = decodeEngineRecord(makeEngineRecord({ sequence: 1 }), source);
  if (record === undefined) throw new Error('not a record');
  return { ...record, payloadBytes };
}

function makeWindow(batchSize: number, maximumBatchingWindowSeconds: number) {
  const clock = new TestClock();
  return { clock, window: createBatchWindow({ batchSize, maximumBatchingWindowSeconds }, clock) };
}

describe('A batching window', () => {
  it('of 0 makes what is there a batch at once, up to BatchSize', () => {
    const { window } = makeWindow(2, 0);
    for (let index = 0; index < 3; index += 1) window.push(makeRecord());

    const sizes = [window.takeDue(), window.takeDue(), window.takeDue()].map((batch) => batch.length);

    expect(sizes).toEqual([2, 1, 0]);
  });

  it('holds records back until it ends', () => {
    const { clock, window } = makeWindow(10, 5);
    clock.advance(12_000);
    window.push(makeRecord());

    const early = window.takeDue();
    const untilDueMs = window.untilDueMs();
    clock.advance(3_000);

    expect(early).toEqual([]);
    expect(untilDueMs).toBe(3_000);
    expect(window.takeDue()).toHaveLength(1);
  });

  it('ends early with a full batch, and starts again when the invocation has ended', () => {
    const { clock, window } = makeWindow(2, 5);
    for (let index = 0; index < 3; index += 1) window.push(makeRecord());

    const full = window.takeDue();
    clock.advance(1_000);
    window.restart();

    expect(full).toHaveLength(2);
    expect(window.takeDue()).toEqual([]);
    expect(window.untilDueMs()).toBe(5_000);
  });

  it('ends early at 6 MB, which no batch passes unless it is one record', () => {
    const { window } = makeWindow(10_000, 300);
    for (const megabytes of [4, 1.5, 1, 7]) window.push(makeRecord(megabytes * MEGABYTE));

    const sizes = [window.takeDue(), window.takeDue(), window.takeDue()].map((batch) => batch.length);

    expect(sizes).toEqual([2, 1, 1]);
  });
});
