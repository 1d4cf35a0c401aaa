import type { Check } from './checks.ts';
import { runChaos } from './run-chaos.ts';
import { SHORT_AUTH_SCALE, SHORT_SCALE } from './scale.ts';

/** The run itself is over long before. */
const TIMEOUT_MS = 300_000;

/** Whether a check found problems. A failure prints them all. */
const isWrong = ({ problems }: Check): boolean => problems.length > 0;

describe('a short run of chaos', () => {
  it(
    'loses nothing, repeats nothing, and keeps every order',
    async () => {
      const said: string[] = [];

      const result = await runChaos({ seed: '1', scale: SHORT_SCALE, say: (line) => void said.push(line) });

      expect(result.checks.filter(isWrong)).toEqual([]);
      // How much is given up depends on how fast the machine is.
      const looked = result.checks.filter(({ name }) => name !== 'batches given up and replayed');
      expect(looked.filter(({ count }) => count === 0)).toEqual([]);
      const injected = new Map(result.injected);
      for (const [kind, count] of Object.entries(SHORT_SCALE.faults)) {
        const done = (injected.get(kind) ?? 0) + (injected.get(`${kind}: found none`) ?? 0);
        expect([kind, done]).toEqual([kind, count]);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'with tokens that end and subjects that are revoked, gives nobody what is not permitted',
    async () => {
      const result = await runChaos({ seed: '1', scale: SHORT_AUTH_SCALE, say: () => undefined });

      expect(result.checks.filter(isWrong)).toEqual([]);
      const tried = result.checks.find(({ name }) => name.startsWith('handshakes and frames tried'));
      expect(tried?.count).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
