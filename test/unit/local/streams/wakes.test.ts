import { createPollPace } from '../../../../local/streams/poll-pace.ts';
import { DEFAULT_POLL_TUNING } from '../../../../local/streams/poll-tuning.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { startScriptedMapping } from '../../../helpers/scripted-mapping.ts';
import { createScriptedStream, makeEngineRecord } from '../../../helpers/scripted-stream.ts';
import { createJumpingClock } from '../../../helpers/test-clock.ts';

const FAR_MS = 60_000;

/** A mapping on an open shard that is polled rarely, with the time that a record waits after a wake. */
async function startIdle() {
  const clock = createJumpingClock();
  const shard = { id: 'shard', closed: false, records: [makeEngineRecord({ sequence: 1 })] };
  const tuning = { idlePollMs: FAR_MS, fastPollMs: FAR_MS, wakeGapMs: 0 };
  const { mapping, invocations } = startScriptedMapping({ stream: createScriptedStream([shard]), tuning, clock });
  await eventually(() => mapping.idle());
  return {
    mapping,
    waitAfterWake: async (): Promise<number> => {
      const [before, beganMs] = [invocations.length, clock.now()];
      shard.records.push(makeEngineRecord({ sequence: 2 + before }));
      mapping.wake();
      await eventually(() => invocations.length > before);
      return clock.now() - beganMs;
    },
  };
}

describe('a wake', () => {
  it('brings what was written at once', async () => {
    const { mapping, waitAfterWake } = await startIdle();

    const waitedMs = await waitAfterWake();
    await mapping.stop();

    expect(waitedMs).toBeLessThan(FAR_MS);
  });

  it('keeps the mapping from being idle until a poll after it has found nothing more', async () => {
    const { mapping } = await startIdle();

    mapping.wake();
    const isIdle = mapping.idle();
    await eventually(() => mapping.idle());
    await mapping.stop();

    expect(isIdle).toBe(false);
  });
});

describe('the pace of polls', () => {
  const { fastPollMs, idlePollMs, pollRest } = DEFAULT_POLL_TUNING;
  /** Returns the wait after a poll of this duration. */
  const waitAfter = (tookMs: number): number => {
    const clock = createJumpingClock();
    return createPollPace(DEFAULT_POLL_TUNING, clock).nextPollMs(clock.now() - tookMs);
  };

  it.each([
    ['after a short poll is the ordinary one', 0, fastPollMs],
    ['leaves a busy engine alone for as long as several polls take', 10, 10 * pollRest],
    ['is never slower than that of an idle stream', 3_600_000, idlePollMs],
  ])('%s', (_what, tookMs, expected) => {
    expect(waitAfter(tookMs)).toBe(expected);
  });
});
