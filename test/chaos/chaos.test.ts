import { areRight, linesOf } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { SHORT_AUTH_SCALE, SHORT_SCALE } from './scale.ts';

/** The run itself is over long before. */
const TIMEOUT_MS = 300_000;

describe('a short run of chaos', () => {
  it(
    'loses nothing, repeats nothing, and keeps every order',
    async () => {
      const said: string[] = [];

      const result = await runChaos({ seed: '1', scale: SHORT_SCALE, say: (line) => void said.push(line) });

      // As lines, so that a failure says what was lost.
      expect([areRight(result.checks), ...linesOf(result.checks)]).toEqual([true, ...linesOf(result.checks)]);
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

      expect([areRight(result.checks), ...linesOf(result.checks)]).toEqual([true, ...linesOf(result.checks)]);
      const tried = result.checks.find(({ name }) => name.startsWith('handshakes and frames tried'));
      expect(tried?.count).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
