import { createFloodWatch } from '../../../../shared/rates/flood-watch.ts';
import { TestClock } from '../../../helpers/test-clock.ts';

const LIMIT = 20;
const FLOOD_MS = 10_000;

/** A watch, and a connection that is refused again and again. */
function createScene() {
  const clock = new TestClock();
  const watch = createFloodWatch({ limit: LIMIT, floodMs: FLOOD_MS, now: clock.now });
  /** Refuses a connection each `everyMs` for a while. Returns the reports. */
  const refuse = (forMs: number, everyMs: number, connectionId = 'C1='): number[] => {
    const reports: number[] = [];
    for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
      const report = watch.refused(connectionId);
      if (report !== undefined) reports.push(report);
      clock.advance(everyMs);
    }
    return reports;
  };
  /** Takes and refuses frames of a connection in turn, as often as said, each second. */
  const mix = (seconds: number, frames: { readonly taken: number; readonly refused: number }): number[] => {
    const reports: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      for (let index = 0; index < frames.taken; index += 1) watch.taken('C1=');
      for (let index = 0; index < frames.refused; index += 1) reports.push(watch.refused('C1=') ?? 0);
      clock.advance(1_000);
    }
    return reports.filter((report) => report > 0);
  };
  return { clock, refuse, mix };
}

describe('the watch over connections that flood', () => {
  it('reports a connection that goes on for ten seconds, once in each ten', () => {
    const { refuse } = createScene();

    expect(refuse(FLOOD_MS, 50)).toEqual([]);
    // Frames of the first two seconds do not count.
    expect(refuse(FLOOD_MS, 50)).toEqual([160]);
    expect(refuse(FLOOD_MS, 50)).toEqual([160]);
  });

  it('does not report one whose frames were all sent before it could know, however many', () => {
    const { refuse } = createScene();

    expect(refuse(1_900, 1)).toEqual([]);
    expect(refuse(30_000, 1_000)).toEqual([]);
  });

  it('does not report one that is refused less often than the limit', () => {
    expect(createScene().refuse(60_000, 600)).toEqual([]);
  });

  it('does not report one of which much is taken, as of a client that waits as it is told', () => {
    expect(createScene().mix(60, { taken: 100, refused: 390 })).toEqual([]);
    expect(createScene().mix(11, { taken: 10, refused: 40 })).toEqual([320]);
  });

  it('does not report one that has paused, and begins anew with it', () => {
    const { clock, refuse } = createScene();
    refuse(FLOOD_MS, 50);
    clock.advance(FLOOD_MS);

    expect(refuse(FLOOD_MS, 50)).toEqual([]);
    expect(refuse(100, 50)).toEqual([160]);
  });

  it('counts each connection alone', () => {
    const { clock, refuse } = createScene();
    refuse(FLOOD_MS / 2, 50);
    clock.advance(FLOOD_MS / 2);

    expect(refuse(100, 50, 'C2=')).toEqual([]);
    expect(refuse(50, 50)).toHaveLength(1);
  });
});
