/**
 * Packs the packages, installs the tarballs in fresh folders outside the repository, and uses them there as an engineer
 * would: `npm run packed`. `--bundlers` tries two more bundlers, which take a while to install.
 */
import { parseArgs } from 'node:util';
import { packAll } from './pack-all.ts';
import { trialsOf } from './trials.ts';

const { values } = parseArgs({ options: { bundlers: { type: 'boolean', default: false } } });

const tarballs = await packAll();
try {
  for (const { name, run } of trialsOf(tarballs.paths, { hasAllBundlers: values.bundlers })) {
    const beganMs = performance.now();
    const fault = await run().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
    process.stdout.write(`${fault === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
    if (fault === undefined) continue;
    process.stdout.write(`${fault}\n`);
    process.exitCode = 1;
  }
} finally {
  tarballs.remove();
}
