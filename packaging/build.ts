/**
 * Builds the packages into `dist/`, one folder each: `npm run build`, or `npm run build -- client` for one of them.
 * `--out DIR` builds elsewhere; `--check` fails if a report of a public surface differs, and leaves it as it is.
 */
import { parseArgs } from 'node:util';
import { join, resolve } from 'node:path';
import { buildPackage } from './build-package.ts';
import { PACKAGES } from './packages.ts';
import { ROOT } from './root.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: join(ROOT, 'dist') }, check: { type: 'boolean', default: false } },
});

const names = positionals.length === 0 ? Object.keys(PACKAGES) : positionals;
for (const name of names) {
  const source = PACKAGES[name];
  if (source === undefined) throw new Error(`No package ${name}. There are: ${Object.keys(PACKAGES).join(', ')}.`);
  const beganMs = performance.now();
  const folder = join(resolve(values.out), name);
  await buildPackage(source, { folder, keepsReport: values.check });
  process.stdout.write(`${name}: ${folder} (${((performance.now() - beganMs) / 1_000).toFixed(1)} s)\n`);
}
