import { LATER_SWEEPS, sweepRevoked } from '../../../../../shared/fanout/catch-up/sweep-revoked.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import type { Revocations } from '../../../../../shared/store/revocations.ts';
import { createCatchUpWorld, NOW_MS } from '../../../../helpers/catch-up-world.ts';

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
  const deps = {
    ...world.deps,
    listConnectionsOf: async function* () {
      for (const connectionId of ids) yield { connectionId, connectedAt, seen: 1 };
    },
    sweepAgain: async ({ sweeps }: Revocations) => void asked.push(sweeps),
  };
  return { ...world, deps, asked };
}

describe('a sweep of a revocation', () => {
  it('keeps the list of a connection until it is closed, so that a failed close is tried again', async () => {
    const { deps, steps } = createScene();
    const close = () => Promise.reject(new Error('throttled'));

    await expect(sweepRevoked({ ...deps, close }, revocations)).rejects.toThrow('1 of 1');

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

    await expect(sweepRevoked({ ...deps, close }, revocations)).rejects.toThrow('1 of 20');

    expect(steps.filter((step) => step.startsWith('close '))).toHaveLength(ids.length - 1);
    expect(asked).toEqual([0]);
  });

  it('fails at the last one, too, if a connection could not be closed, and asks for no further one', async () => {
    const { deps, asked } = createScene();
    const close = () => Promise.reject(new Error('throttled'));

    await expect(sweepRevoked({ ...deps, close }, { ...revocations, sweeps: LATER_SWEEPS })).rejects.toThrow('1 of 1');
    expect(asked).toEqual([]);
  });

  it.each([
    ['leaves the list of a connection whose handshake may be in flight', NOW_MS - 50, false],
    ['removes the list of one that has been gone for long', NOW_MS - CONNECT_GRACE_MS - 10_000, true],
  ])('%s', async (_, connectedAt, isRemoved) => {
    const { deps, steps } = createScene({ connectedAt, isKnown: false });

    await sweepRevoked(deps, revocations);

    expect(steps.includes('remove C1=')).toBe(isRemoved);
  });
});
