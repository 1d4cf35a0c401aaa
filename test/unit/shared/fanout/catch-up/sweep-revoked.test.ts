import {
  LATER_SWEEPS,
  REPEATED_SWEEPS,
  SWEEP_WAIT_MS,
  sweepRevoked,
} from '../../../../../shared/fanout/catch-up/sweep-revoked.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import type { Revocations } from '../../../../../shared/store/revocations.ts';
import { createCatchUpWorld, NOW_MS } from '../../../../helpers/catch-up-world.ts';
import { createJumpingClock } from '../../../../helpers/test-clock.ts';

const revocations: Revocations = {
  subject: 'ann',
  patterns: new Map([['news/*', NOW_MS + 60_000]]),
  version: 2,
  request: 'r1',
  sweeps: 0,
};

interface Scene {
  readonly ids?: readonly string[];
  readonly connectedAt?: number;
  readonly isKnown?: boolean;
}

function createScene({ ids = ['C1='], connectedAt = 0, isKnown = true }: Scene = {}) {
  const world = createCatchUpWorld({ isKnown });
  const asked: number[] = [];
  const { steps } = world;
  const deps = {
    ...world.deps,
    listConnectionsOf: async function* () {
      for (const connectionId of ids) yield { connectionId, connectedAt, seen: 1 };
    },
    sweepAgain: async ({ sweeps }: Revocations) => void asked.push(sweeps),
    putOff: async () => void steps.push('put off'),
  };
  return { ...world, deps, asked };
}

describe('a sweep of a revocation', () => {
  it('keeps the list of a connection until it is closed, so that a failed close is tried again', async () => {
    const { deps, steps } = createScene();
    const close = () => Promise.reject(new Error('throttled'));

    const swept = await sweepRevoked({ ...deps, close }, revocations);

    expect(swept).toMatchObject({ ended: 0, failures: [new Error('throttled')] });
    expect(steps).toContain('silence C1=');
    expect(steps).not.toContain('remove C1=');
  });

  it('ends the other connections, and asks for the next sweep, when one cannot be closed', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `C${index}=`);
    const { deps, steps, asked } = createScene({ ids });
    const close = async (id: string): Promise<boolean> => {
      if (id === 'C0=') throw new Error('throttled');
      return deps.close(id);
    };

    const swept = await sweepRevoked({ ...deps, close }, revocations);

    expect(swept).toMatchObject({ ended: ids.length - 1, failures: [new Error('throttled')] });
    expect(steps.filter((step) => step.startsWith('close '))).toHaveLength(ids.length - 1);
    expect(asked).toEqual([0]);
  });

  it('is repeated after the later ones while a connection cannot be closed, and fails its record at the last', async () => {
    const { deps, asked } = createScene();
    const close = () => Promise.reject(new Error('throttled'));
    const last = LATER_SWEEPS + REPEATED_SWEEPS;

    await sweepRevoked({ ...deps, close }, { ...revocations, sweeps: LATER_SWEEPS });
    await sweepRevoked({ ...deps, close }, { ...revocations, sweeps: last - 1 });
    await expect(sweepRevoked({ ...deps, close }, { ...revocations, sweeps: last })).rejects.toThrow('last sweep');

    expect(asked).toEqual([LATER_SWEEPS, last - 1]);
  });

  it('is repeated when the connections could not be listed', async () => {
    const { deps, asked } = createScene();
    const listConnectionsOf = async function* () {
      yield await Promise.reject(new Error('no index'));
    };

    const swept = await sweepRevoked({ ...deps, listConnectionsOf }, { ...revocations, sweeps: LATER_SWEEPS });

    expect(swept).toMatchObject({ ended: 0, failures: [new Error('no index')] });
    expect(asked).toEqual([LATER_SWEEPS]);
  });

  it.each([
    ['closes a connection after five minutes in which none could be closed', 300_000, true],
    ['gives it up, and fails its record, after ten', 600_000, false],
  ])('%s', async (_, downMs, isClosed) => {
    const { deps, steps } = createScene();
    const clock = createJumpingClock();
    const beganMs = clock.now();
    const due: Revocations[] = [revocations];
    const close = async (id: string): Promise<boolean> => {
      if (clock.now() < beganMs + downMs) throw new Error('down');
      return deps.close(id);
    };
    const sweepAgain = async (each: Revocations, dueAt: number): Promise<void> =>
      void due.push({ ...each, sweeps: each.sweeps + 1, dueAt });
    const putOff = async (each: Revocations): Promise<void> => void due.push(each);
    const lane = { ...deps, close, sweepAgain, putOff, now: clock.now, waiting: clock.waiting() };
    const sweepAll = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) await sweepRevoked(lane, next);
    };

    const sweeping = sweepAll();

    if (isClosed) await sweeping;
    else await expect(sweeping).rejects.toThrow('last sweep');
    expect(steps.includes('close C1=')).toBe(isClosed);
  });

  it.each([
    ['leaves the list of a connection whose handshake may be in flight', NOW_MS - 50, false],
    ['removes the list of one that has been gone for long', NOW_MS - CONNECT_GRACE_MS - 10_000, true],
  ])('%s', async (_, connectedAt, isRemoved) => {
    const { deps, steps } = createScene({ connectedAt, isKnown: false });

    await sweepRevoked(deps, revocations);

    expect(steps.includes('remove C1=')).toBe(isRemoved);
  });

  it.each([
    ['makes one that is due within its longest wait', SWEEP_WAIT_MS, false],
    ['puts off one that is due later, and ends nothing', SWEEP_WAIT_MS + 1, true],
  ])('%s', async (_, inMs, isPutOff) => {
    const { deps, steps, waiting } = createScene();

    await sweepRevoked(deps, { ...revocations, sweeps: 1, dueAt: NOW_MS + inMs });

    expect(steps.includes('put off')).toBe(isPutOff);
    expect(steps.includes('close C1=')).toBe(!isPutOff);
    expect(waiting.sleptMs).toEqual([SWEEP_WAIT_MS]);
  });

  // A revocation has two seconds in all. Closing the connections takes time too.
  it('begins within a second for 50 subjects that are revoked one after another, all in one lane', async () => {
    const waits = await sweepLane({ subjects: 50, everyMs: 20 });

    expect(waits).toHaveLength(50);
    expect(Math.max(...waits)).toBeLessThan(1_000);
  });
});

/** Number of records of a batch of the catch-up mapping, and time in ms after which a write is a record. */
const BATCH = 10;
const RECORD_MS = 5;

/**
 * Lets one lane of the stream handle revocations, with all their later sweeps. Resolves to the time in ms between each
 * revocation and its first sweep.
 */
async function sweepLane({ subjects, everyMs }: { readonly subjects: number; readonly everyMs: number }) {
  const clock = createJumpingClock();
  const { deps } = createScene();
  const lane: Revocations[] = [];
  const begun = new Map<string, number>();
  const waits: number[] = [];
  const record = (inMs: number, each: Revocations): void => void clock.after(inMs, () => void lane.push(each));
  const laneDeps = {
    ...deps,
    now: clock.now,
    waiting: clock.waiting(),
    listConnectionsOf: async function* (subject: string) {
      const sinceMs = begun.get(subject);
      if (sinceMs !== undefined) waits.push(clock.now() - sinceMs);
      begun.delete(subject);
      yield* [];
    },
    sweepAgain: async (each: Revocations, dueAt: number) =>
      record(RECORD_MS, { ...each, sweeps: each.sweeps + 1, dueAt }),
    putOff: async (each: Revocations) => record(RECORD_MS, each),
  };
  for (let index = 0; index < subjects; index++) {
    const subject = `s${index}`;
    clock.after(index * everyMs, () => void begun.set(subject, clock.now()));
    record(index * everyMs, { ...revocations, subject });
  }
  while (lane.length > 0 || clock.pending > 0) {
    await Promise.all(lane.splice(0, BATCH).map((each) => sweepRevoked(laneDeps, each)));
    await clock.sleep(1);
  }
  return waits;
}
