import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * The test files that take 15 s and more on two cores, longest first. One that is not named here is short. The first
 * ones begin beside the starts of the shared runtimes, so chaos, whose bounds are times, is not among them.
 */
const LONG = [
  'test/cli/failures.test.ts',
  'test/cli/trace.test.ts',
  'test/fault/topics-from-tables.test.ts',
  'test/cli/look.test.ts',
  'test/browser/page.test.ts',
  'test/fault/callback-endpoint.test.ts',
  'test/auth/http-transport.test.ts',
  'test/architecture.test.ts',
  'test/local/command-line.test.ts',
  'test/chaos/chaos.test.ts',
  'test/load/silent-connections.test.ts',
  'test/infra/app.test.ts',
  'test/auth/presence.test.ts',
  'test/client/make-before-break.test.ts',
  'test/contract/presence.test.ts',
  'test/client/token-renewal.test.ts',
  'test/cli/health.test.ts',
  'test/auth/revoke-command.test.ts',
  'test/cli/replay.test.ts',
  'test/auth/hostile.test.ts',
  'test/browser/react.test.ts',
  'test/contract/wildcards.test.ts',
  'test/load/thousand.test.ts',
  'test/browser/view.test.ts',
  'test/infra/bundles.test.ts',
  'test/auth/wildcards.test.ts',
  'test/fault/killed-workers.test.ts',
  'test/cli/connections.test.ts',
  'test/browser/page-conditions.test.ts',
  'test/contract/topics.test.ts',
  'test/fault/flooding-client.test.ts',
  'test/client/failures-replay.test.ts',
  'test/cli/published-at-once.test.ts',
  'test/infra/construct.test.ts',
  'test/cli/wildcard.test.ts',
  'test/contract/malformed.test.ts',
];

const RANKS = new Map(LONG.map((file, rank) => [join(ROOT, file), rank]));

/**
 * The order of the test files of a run. Jest begins with the files that took longest in the run before. On a clean
 * checkout no run was before, and jest goes by the sizes of the files: a short file that runs for a minute would begin
 * when all others end.
 */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = [...(await super.sort(tests))];
    const isMeasured = sorted.some(({ duration }) => duration !== undefined);
    return isMeasured ? sorted : sorted.toSorted((one, other) => rankOf(one.path) - rankOf(other.path));
  }
}

function rankOf(path) {
  return RANKS.get(path) ?? LONG.length;
}

const missing = [...RANKS.keys()].filter((file) => !existsSync(file));
if (missing.length > 0)
  throw new Error(
    `longest-first.mjs names what is not there: ${missing.map((file) => relative(ROOT, file)).join(', ')}`,
  );
